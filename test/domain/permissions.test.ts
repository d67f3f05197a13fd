import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {neededActions} from '../../src/domain/permissions/needs.ts'
import {anywhere, policiesFor, policyFor, scopeOf} from '../../src/domain/permissions/policy.ts'
import {parseTemplate} from '../../src/domain/template.ts'

const folder = join(import.meta.dirname, '..', '..', 'templates')
const templates = new Map(
  readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => [file, parseTemplate(readFileSync(join(folder, file), 'utf8'))] as const),
)
const needs = neededActions(templates)
/** IAM's limit of a managed policy, in characters without white space (IAM quotas). */
const policySizeLimit = 6144
const longest = {
  partition: 'aws-us-gov',
  region: 'us-gov-west-1',
  account: '123456789012',
  environment: 'a'.repeat(20),
  rolePath: '/platform/delivery/',
}

describe('permissions', () => {
  it('are known for every type of every template, by part', () => {
    assert.deepEqual([...needs.keys()], ['pi-aws', 'foundation', 'network', 'files', 'database', 'app', 'operations'])
    assert.ok(needs.get('database')?.includes('rds:CreateDBInstance'))
    assert.ok(needs.get('network')?.includes('ec2:CreateNatGateway'))
    assert.ok(needs.get('app')?.includes('ecs:CreateService'))
    assert.ok(!needs.get('network')?.includes('ecs:CreateService'))
    assert.ok(needs.get('pi-aws')?.includes('cloudformation:ExecuteChangeSet'))
  })

  it('of a type that nobody wrote down are a fault, and not nothing', () => {
    const odd = parseTemplate('Resources: {Queue: {Type: "AWS::Odd::Thing"}}')
    assert.throws(() => neededActions(new Map([['app/odd.yaml', odd]])), {code: 'TYPE_WITHOUT_ACTIONS'})
    assert.equal(neededActions(new Map([['else/odd.yaml', odd]])).get('app')?.length, 0)
  })

  it('are service and action, each written once', () => {
    for (const actions of needs.values()) {
      assert.equal(new Set(actions).size, actions.length)
      for (const action of actions) assert.match(action, /^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/)
    }
  })

  it('stand in policies that IAM takes, every action in exactly one', () => {
    const policies = policiesFor(needs, longest)
    for (const {name, document} of policies) {
      const size = JSON.stringify(document).length
      assert.ok(size <= policySizeLimit, `${name} has ${size} characters`)
    }
    const listed = policies.flatMap(({document}) => document.Statement.flatMap(({Action}) => Action))
    assert.deepEqual(listed.toSorted(), [...new Set([...needs.values()].flat())].toSorted())
  })

  it('reach no further than what is ours, where AWS names things after the stack', () => {
    const {Statement} = policyFor(
      ['iam:CreateRole', 'iam:PassRole', 's3:PutObject', 'cloudformation:DeleteStack', 'iam:CreateServiceLinkedRole'],
      longest,
    )
    for (const {Sid, Resource} of Statement) assert.ok(!Resource.includes('*'), Sid)
    const passing = Statement.find(({Sid}) => Sid === 'PassRolesToServices')
    assert.deepEqual(passing?.Resource, [
      `arn:aws-us-gov:iam::123456789012:role/platform/delivery/pi-${'a'.repeat(20)}-*`,
    ])
    assert.ok(passing?.Condition?.['StringEquals']?.['iam:PassedToService']?.includes('ecs-tasks.amazonaws.com'))
    assert.equal(scopeOf('iam:GetRole').sid, 'Rest')
    assert.equal(scopeOf('cloudformation:DescribeStacks').sid, 'Rest')
    assert.equal(policyFor(['s3:GetObject'], anywhere).Statement[0]?.Resource[0], 'arn:aws:s3:::pi-*-*')
  })
})
