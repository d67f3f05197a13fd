import type {ExpandedResource} from '../expansion.ts'
import {listOf, type TemplateValue, textOf} from '../expression.ts'
import {isOn, ofType, propertyAt} from './read.ts'

/** How one kind of store or way is encrypted. */
export interface EncryptionFacts {
  readonly what: string
  readonly count: number
  readonly how: string
  /** False where one of them is not. */
  readonly complete: boolean
}

/** What says that a resource is encrypted: with our key, with AWS's own, or not. */
type Answer = 'own key' | 'key of AWS' | 'no'

function byKey(value: TemplateValue): Answer {
  return value === undefined ? 'no' : 'own key'
}

function bucket(properties: Readonly<Record<string, TemplateValue>>): Answer {
  const rule = propertyAt(
    properties,
    'BucketEncryption',
    'ServerSideEncryptionConfiguration',
    0,
    'ServerSideEncryptionByDefault',
  )
  if (rule === undefined) return 'no'
  return propertyAt(rule, 'SSEAlgorithm') === 'aws:kms' ? byKey(propertyAt(rule, 'KMSMasterKeyID')) : 'key of AWS'
}

const stores: readonly (readonly [
  type: string,
  what: string,
  answer: (properties: Readonly<Record<string, TemplateValue>>) => Answer,
])[] = [
  [
    'RDS::DBInstance',
    'Database',
    (properties) => (isOn(properties, 'StorageEncrypted') ? byKey(properties['KmsKeyId']) : 'no'),
  ],
  [
    'EFS::FileSystem',
    'File system',
    (properties) => (isOn(properties, 'Encrypted') ? byKey(properties['KmsKeyId']) : 'no'),
  ],
  ['S3::Bucket', 'Buckets', bucket],
  ['SecretsManager::Secret', 'Secrets', (properties) => byKey(properties['KmsKeyId'])],
  ['Logs::LogGroup', 'Log groups', (properties) => byKey(properties['KmsKeyId'])],
  ['Backup::BackupVault', 'Backup vault', (properties) => byKey(properties['EncryptionKeyArn'])],
  ['SQS::Queue', 'Queues', (properties) => byKey(properties['KmsMasterKeyId'])],
  ['SNS::Topic', 'Alarm topic', (properties) => byKey(properties['KmsMasterKeyId'])],
  ['Lambda::Function', 'Function settings', (properties) => byKey(properties['KmsKeyArn'])],
]

function atRest(resources: readonly ExpandedResource[]): readonly EncryptionFacts[] {
  return stores.flatMap(([type, what, answer]) => {
    const answers = ofType(resources, type).map(({properties}) => answer(properties))
    if (answers.length === 0) return []
    const kinds = (['own key', 'key of AWS', 'no'] as const).flatMap((kind): readonly (readonly [string, number])[] => {
      const count = answers.filter((each) => each === kind).length
      const words = {
        'own key': "at rest, the environment's own key",
        'key of AWS': 'at rest, a key of AWS',
        no: 'not encrypted',
      }
      return count === 0 ? [] : [[words[kind], count]]
    })
    const how = kinds.length === 1 ? kinds.map(([words]) => words) : kinds.map(([words, count]) => `${count} ${words}`)
    return [{what, count: answers.length, how: how.join('; '), complete: !answers.includes('no')}]
  })
}

function inTransit(resources: readonly ExpandedResource[]): readonly EncryptionFacts[] {
  const listeners = ofType(resources, 'ElasticLoadBalancingV2::Listener')
  const open = listeners.filter(
    ({properties}) =>
      properties['Protocol'] === 'HTTP' && propertyAt(properties, 'DefaultActions', 0, 'Type') !== 'redirect',
  )
  const policy = listeners.flatMap(({properties}) => textOf(properties['SslPolicy']) || [])[0]
  const mounts = resources
    .flatMap(({properties}) => listOf(properties['Volumes']))
    .filter((volume) => propertyAt(volume, 'EFSVolumeConfiguration') !== undefined)
  const bare = mounts.filter(
    (volume) => propertyAt(volume, 'EFSVolumeConfiguration', 'TransitEncryption') !== 'ENABLED',
  )
  return [
    {
      what: 'Browsers',
      count: listeners.length,
      how: open.length === 0 ? `in transit, TLS (${policy ?? 'no policy'})` : 'NOT encrypted: plain HTTP was asked for',
      complete: open.length === 0,
    },
    {
      what: 'Mounts of tasks',
      count: mounts.length,
      how: bare.length === 0 ? 'in transit, TLS' : `${bare.length} not encrypted`,
      complete: bare.length === 0,
    },
  ]
}

/** How everything that holds or carries data is encrypted. */
export function encryptionOf(resources: readonly ExpandedResource[]): readonly EncryptionFacts[] {
  return [...atRest(resources), ...inTransit(resources)]
}
