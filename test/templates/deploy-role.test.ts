import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {at, listOf, mapOf, parseTemplate, root, textOf, type Json, type Resource} from './load.ts'
import {rules} from './rules/all.ts'
import {runTool} from './tools.ts'

const file = join(root, 'examples', 'ci', 'deploy-role.yaml')
const template = parseTemplate('deploy-role', readFileSync(file, 'utf8'))

/** Rules of the parts that a stack of a deployer's policies cannot keep, and why. */
const others: Readonly<Record<string, string>> = {
  'least-privilege': 'what must be allowed on every resource is said in docs/policies, action by action',
  sizes: 'nobody reads generated policies here; the others do',
  'two-roles': 'the role is for a pipeline and not for a service',
  wiring: 'the operator gives the parameters, not an earlier part',
}

/** The text that a resource's Sub gives for the longest environment name. */
function resolved(value: Json): string {
  const format = textOf(at(value, 'Fn::Sub')) || textOf(value)
  const values: Record<string, string> = {Environment: 'x'.repeat(20), 'AWS::Partition': 'aws-us-gov', 'AWS::AccountId': '123456789012'}
  return format.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => values[name] ?? assert.fail(name))
}

function policyText({properties}: Resource): string {
  const statements = listOf(at(properties, 'PolicyDocument', 'Statement')).map((statement) => ({
    ...mapOf(statement),
    Resource: listOf(at(statement, 'Resource')).map(resolved),
  }))
  return JSON.stringify({Version: '2012-10-17', Statement: statements})
}

describe('the role of a pipeline', function () {
  this.timeout(120_000)
  const policies = template.resources.filter(({type}) => type === 'AWS::IAM::ManagedPolicy')
  const role = template.resources.find(({id}) => id === 'DeployRole')

  it('is a template in which cfn-lint finds nothing', () => {
    const {status, stdout, stderr} = runTool('cfn-lint', ['-c', 'I', '-r', 'us-east-1', 'eu-west-1', '--', file])
    assert.equal(stdout + stderr, '')
    assert.equal(status, 0)
  })

  it('keeps the rules of our templates, but for those that are not meant for it', () => {
    for (const rule of rules) {
      const found = rule.check([template])
      if (rule.name in others) assert.ok(found.length > 0, `${rule.name} holds by now: ${others[rule.name] ?? ''}`)
      else assert.deepEqual(found, [], rule.why)
    }
  })

  it('has the policies of docs/policies for one environment, each small enough for IAM, all of them attached', () => {
    assert.ok(policies.length >= 6 && policies.length <= 10, `${policies.length} policies, 10 may be attached`)
    const attached = listOf(at(role?.properties, 'ManagedPolicyArns')).map((one) => textOf(at(one, 'Ref')))
    assert.deepEqual(attached.sort(), policies.map(({id}) => id).sort())
    const actions = new Set<string>()
    for (const policy of policies) {
      assert.ok(policyText(policy).length <= 6144, `${policy.id}: ${policyText(policy).length} characters`)
      for (const statement of listOf(at(policy.properties, 'PolicyDocument', 'Statement')))
        for (const action of listOf(at(statement, 'Action'))) actions.add(textOf(action))
    }
    const documented = ['pi-aws', 'pi-aws-foundation', 'pi-aws-network', 'pi-aws-files', 'pi-aws-database', 'pi-aws-app', 'pi-aws-operations']
      .flatMap((name) => (JSON.parse(readFileSync(join(root, 'docs', 'policies', `${name}.json`), 'utf8')) as {Statement: {Action: string[]}[]}).Statement)
      .flatMap(({Action}) => Action)
    assert.deepEqual([...actions].sort(), [...new Set(documented)].sort())
  })

  it('cannot change itself: what it may change begins with pi-, and it does not', () => {
    const name = JSON.stringify(at(role?.properties, 'RoleName'))
    assert.match(name, /\["-",\["deployer",\{"Ref":"Environment"\}/)
    const texts = policies.map(policyText).join('\n')
    assert.match(texts, /:role\/pi-x+-\*/)
    assert.doesNotMatch(texts, /:role\/\*|:role\/deployer/)
    const changing = policies.flatMap(({properties}) => listOf(at(properties, 'PolicyDocument', 'Statement'))).filter((statement) =>
      listOf(at(statement, 'Action')).some((action) => /^iam:(Create|Put|Attach|Update|Delete|Detach)/.test(textOf(action))),
    )
    assert.ok(changing.length > 0)
    for (const statement of changing) assert.notDeepEqual(listOf(at(statement, 'Resource')), ['*'], JSON.stringify(statement))
  })

  it('is taken by one repository or project alone, with a token made for AWS', () => {
    const statement = at(role?.properties, 'AssumeRolePolicyDocument', 'Statement', 0)
    assert.equal(at(statement, 'Action'), 'sts:AssumeRoleWithWebIdentity')
    const [, github, gitlab] = listOf(at(statement, 'Condition', 'Fn::If'))
    for (const [condition, host, audience] of [
      [github, 'token.actions.githubusercontent.com', 'sts.amazonaws.com'],
      [gitlab, 'gitlab.com', 'https://gitlab.com'],
    ] as const) {
      assert.equal(at(condition, 'StringEquals', `${host}:aud`), audience)
      assert.deepEqual(at(condition, 'StringLike', `${host}:sub`), {Ref: 'Subject'})
    }
    const pattern = new RegExp(`^(?:${textOf(template.parameters['Subject']?.['AllowedPattern'])})$`)
    for (const good of ['repo:example/bi:environment:prod', 'repo:example/bi:ref:refs/heads/main', 'project_path:group/sub/bi:ref_type:branch:ref:main'])
      assert.match(good, pattern)
    for (const bad of ['*', 'repo:*', 'repo:example/*:environment:prod', 'repo:example/bi', 'repo:*/bi:x', '']) assert.doesNotMatch(bad, pattern)
  })
})
