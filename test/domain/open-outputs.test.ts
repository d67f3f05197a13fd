import assert from 'node:assert/strict'
import {openOutputs, unknownUntil} from '../../src/domain/open-outputs.ts'
import {parseTemplate} from '../../src/domain/template.ts'

const network = parseTemplate(`
Parameters: {KeyArn: {Type: String}, Public: {Type: String, Default: 'yes'}}
Conditions: {Shown: !Equals [!Ref KeyArn, '']}
Resources:
  Vpc: {Type: 'AWS::EC2::VPC'}
  Nat: {Type: 'AWS::EC2::NatGateway'}
Outputs:
  VpcId: {Value: !Ref Vpc}
  NatAddress: {Value: !Sub 'at \${Nat.PublicIp}, not \${!Vpc}'}
  Key: {Value: !Ref KeyArn}
  Sometimes: {Value: !If [Shown, a, b]}
  Fixed: {Value: network}
`)

const app = parseTemplate(`
Parameters: {VpcId: {Type: String}, NatAddress: {Type: String}, Size: {Type: String}}
Conditions: {Reachable: !Not [!Equals [!Ref NatAddress, '']]}
Resources:
  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {VpcId: !Ref VpcId}}
  Task: {Type: 'AWS::ECS::TaskDefinition', Properties: {Cpu: !Ref Size, Group: !GetAtt Group.GroupId}}
  Rule: {Type: 'AWS::EC2::SecurityGroupIngress', Condition: Reachable}
  Both: {Type: 'AWS::ECS::Service', Properties: {Names: !Sub ['\${A} \${VpcId}', {A: !If [Reachable, x, y]}]}}
Outputs: {}
`)

const nothing = {created: false, changes: []}

describe('outputs that are still to come', () => {
  it('are all those of a stack that does not stand', () => {
    const open = openOutputs('network', network, {created: true, changes: []}, new Map())
    assert.deepEqual([...open.keys()], ['VpcId', 'NatAddress', 'Key', 'Sometimes', 'Fixed'])
    assert.deepEqual(new Set(open.values()), new Set(['network']))
  })

  it('are none where nothing changes', () => {
    assert.deepEqual([...openOutputs('network', network, nothing, new Map())], [])
  })

  const changes: readonly (readonly [
    string,
    'Add' | 'Modify' | 'Remove',
    'True' | 'False' | 'Conditional' | undefined,
    string[],
  ])[] = [
    ['Nat', 'Modify', 'True', ['NatAddress']],
    ['Nat', 'Modify', 'Conditional', ['NatAddress']],
    ['Nat', 'Modify', 'False', []],
    ['Vpc', 'Modify', undefined, []],
    ['Nat', 'Add', undefined, ['NatAddress']],
    ['Vpc', 'Remove', undefined, ['VpcId']],
  ]
  for (const [logicalId, action, replacement, expected] of changes) {
    it(`are [${expected.join()}] when ${logicalId} is to ${action}, replacement ${replacement ?? 'unsaid'}`, () => {
      const change = {path: [], logicalId, action, ...(replacement === undefined ? {} : {replacement})}
      const open = openOutputs('network', network, {created: false, changes: [change]}, new Map())
      assert.deepEqual([...open.keys()], expected)
    })
  }

  it('hang on the nested stack that holds what changes', () => {
    const change = {path: ['Nat', 'Deeper'], logicalId: 'Address', action: 'Modify', replacement: 'True'} as const
    const open = openOutputs('network', network, {created: false, changes: [change]}, new Map())
    assert.deepEqual([...open.keys()], ['NatAddress'])
  })

  it('pass on what is open before them, through conditions too', () => {
    const open = openOutputs('network', network, nothing, new Map([['KeyArn', 'foundation']]))
    assert.deepEqual(
      [...open],
      [
        ['KeyArn', 'foundation'],
        ['Key', 'network'],
        ['Sometimes', 'network'],
      ],
    )
  })
})

describe('a resource', () => {
  const open = new Map([
    ['VpcId', 'network'],
    ['NatAddress', 'files'],
    ['Unrelated', 'database'],
  ] as const)
  const rows: readonly (readonly [string, string[]])[] = [
    ['Group', ['network']],
    ['Task', []],
    ['Rule', ['files']],
    ['Both', ['network', 'files']],
  ]
  for (const [logicalId, expected] of rows) {
    it(`${logicalId} is unknown until [${expected.join()}]`, () => {
      assert.deepEqual(unknownUntil(app.Resources[logicalId]!, app, open), expected)
    })
  }
})
