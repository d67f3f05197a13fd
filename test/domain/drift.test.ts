import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  byWeight,
  type DriftState,
  type DriftVerdict,
  type DriftWeight,
  isMoving,
  verdictOver,
  weightOf,
  withoutSecrets,
} from '../../src/domain/drift.ts'

describe('drift of a resource', () => {
  for (const [type, path, moving] of [
    ['AWS::RDS::DBInstance', '/AllocatedStorage', true],
    ['AWS::RDS::DBInstance', '/EngineVersion', true],
    ['AWS::RDS::DBInstance', '/MaxAllocatedStorage', false],
    ['AWS::RDS::DBInstance', '/DBInstanceClass', false],
    ['AWS::ECS::Service', '/DesiredCount', true],
    ['AWS::ECS::Service', '/TaskDefinition', false],
    ['AWS::AutoScaling::AutoScalingGroup', '/DesiredCapacity', true],
    ['AWS::EFS::FileSystem', '/AllocatedStorage', false],
  ] as const) {
    it(`in ${path} of ${type} is ${moving ? 'what it does by itself' : "somebody's change"}`, () => {
      assert.equal(isMoving(type, path), moving)
    })
  }

  for (const [type, weight] of [
    ['AWS::RDS::DBInstance', 'data'],
    ['AWS::EFS::FileSystem', 'data'],
    ['AWS::S3::Bucket', 'data'],
    ['AWS::KMS::Key', 'data'],
    ['AWS::S3::BucketPolicy', 'access'],
    ['AWS::IAM::Role', 'access'],
    ['AWS::EC2::SecurityGroupIngress', 'access'],
    ['AWS::EC2::NetworkAclEntry', 'access'],
    ['AWS::Lambda::Permission', 'access'],
    ['AWS::EFS::AccessPoint', 'access'],
    ['AWS::ECS::Service', 'other'],
    ['AWS::Logs::LogGroup', 'other'],
    ['AWS::ApplicationAutoScaling::ScalingPolicy', 'other'],
  ] as const) {
    it(`of type ${type} weighs as ${weight}`, () => assert.equal(weightOf(type), weight))
  }

  it('hides the values of what sounds like a secret, and no others', () => {
    const difference = {kind: 'changed', expected: 'a', actual: 'b'} as const
    for (const path of ['/MasterUserPassword', '/SecretString', '/Auth/Token', '/PrivateKey']) {
      assert.deepEqual(withoutSecrets({...difference, path}), {
        ...difference,
        path,
        expected: '[removed]',
        actual: '[removed]',
      })
    }
    for (const path of ['/SecretId', '/TokenTtl', '/Tags/0/Value'])
      assert.deepEqual(withoutSecrets({...difference, path}), {...difference, path})
  })

  it('is ranked by what holds data, then by what is gone', () => {
    const weight = fc.constantFrom<DriftWeight>('data', 'access', 'other')
    const state = fc.constantFrom<DriftState>('deleted', 'modified', 'unknown')
    fc.assert(
      fc.property(fc.array(fc.record({weight, state})), (rows) => {
        const text = rows.toSorted(byWeight).map((row) => `${row.weight} ${row.state}`)
        const order = ['data', 'access', 'other'].flatMap((one) =>
          ['deleted', 'modified', 'unknown'].map((two) => `${one} ${two}`),
        )
        assert.deepEqual(
          text,
          text.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
        )
      }),
    )
  })

  for (const [verdicts, over] of [
    [[], 'in-sync'],
    [['in-sync'], 'in-sync'],
    [['in-sync', 'unknown'], 'unknown'],
    [['unknown', 'drifted', 'in-sync'], 'drifted'],
  ] as readonly (readonly [readonly DriftVerdict[], DriftVerdict])[]) {
    it(`over ${verdicts.join(', ') || 'nothing'} is ${over}`, () => assert.equal(verdictOver(verdicts), over))
  }
})
