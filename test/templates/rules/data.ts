import {alternatives, at, isJsonMap, items, textOf, walk, type Json} from '../load.ts'
import {eachResource, finding, resources, type Rule} from './rule.ts'

/** Everything that holds data, by name, with what becomes of it: on delete, on replacement. */
export const fates: Readonly<Record<string, readonly [string, string]>> = {
  'foundation.Key': ['RetainExceptOnCreate', 'Retain'],
  'foundation.ArtifactsBucket': ['RetainExceptOnCreate', 'Retain'],
  'foundation.AssetsBucket': ['RetainExceptOnCreate', 'Retain'],
  'foundation.RecordsBucket': ['RetainExceptOnCreate', 'Retain'],
  'foundation.AccessLogsBucket': ['RetainExceptOnCreate', 'Retain'],
  'foundation.LicenceSecret': ['RetainExceptOnCreate', 'Retain'],
  'foundation.RegistrySecret': ['RetainExceptOnCreate', 'Retain'],
  'foundation.BackupVault': ['RetainExceptOnCreate', 'Retain'],
  'files.FileSystem': ['RetainExceptOnCreate', 'Retain'],
  'database.Database': ['Snapshot', 'Retain'],
  'database.MasterSecret': ['RetainExceptOnCreate', 'Retain'],
  'database.ApplicationSecret': ['RetainExceptOnCreate', 'Retain'],
}

const holdData = [
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::Backup::BackupVault',
  'AWS::EFS::FileSystem',
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::DynamoDB::Table',
]

export const fate: Rule = {
  name: 'fate',
  why: 'Without both policies a delete or a replacement takes the data along.',
  check: (templates) => [
    ...[...resources(templates, ...holdData)].flatMap(({template, resource}) => {
      const name = `${template.id}.${resource.id}`
      const [onDelete, onReplace] = fates[name] ?? ['', '']
      if (fates[name] === undefined) return [finding(template, resource.id, 'holds data and is not in the list of fates')]
      return [
        ...(resource.declaration['DeletionPolicy'] === onDelete ? [] : [finding(template, resource.id, `DeletionPolicy is not ${onDelete}`)]),
        ...(resource.declaration['UpdateReplacePolicy'] === onReplace
          ? []
          : [finding(template, resource.id, `UpdateReplacePolicy is not ${onReplace}`)]),
      ]
    }),
    // A fate without a resource is a resource that somebody renamed, which removes it.
    ...Object.keys(fates).flatMap((name) => {
      const [id = '', resource] = name.split('.')
      const template = templates.find((one) => one.id === id)
      return template === undefined || template.resources.some((one) => one.id === resource)
        ? []
        : [finding(template, resource ?? '', 'is in the list of fates and in no template')]
    }),
  ],
}

const chosenByRestore = ['DBName', 'MasterUsername', 'KmsKeyId', 'StorageEncrypted']

/** The branch of a property that counts with, or without, a snapshot. */
function branch(value: Json | undefined, withSnapshot: boolean): Json | undefined {
  const condition = at(value, 'Fn::If', 0)
  if (condition !== 'HasSnapshot') return value
  const chosen = at(value, 'Fn::If', withSnapshot ? 1 : 2)
  return at(chosen, 'Ref') === 'AWS::NoValue' ? undefined : chosen
}

export const databaseSafe: Rule = {
  name: 'database-safe',
  why: 'RDS refuses a restore that names these four, and a new database without them is public, plain or nameless.',
  check: eachResource(['AWS::RDS::DBInstance'], ({properties}) => {
    const wrong = [
      ...(properties['PubliclyAccessible'] === false ? [] : ['PubliclyAccessible is not false']),
      ...chosenByRestore.filter((name) => branch(properties[name], true) !== undefined).map((name) => `${name} is given with a snapshot`),
      ...chosenByRestore.filter((name) => branch(properties[name], false) === undefined).map((name) => `${name} is missing without a snapshot`),
      ...(branch(properties['StorageEncrypted'], false) === true ? [] : ['StorageEncrypted is not true']),
      ...(textOf(at(properties, 'MasterUserPassword', 'Fn::Sub')).startsWith('{{resolve:secretsmanager:')
        ? []
        : ['MasterUserPassword is not resolved from the secret']),
      ...(properties['CopyTagsToSnapshot'] === true ? [] : ['CopyTagsToSnapshot is not true']),
      ...(properties['DeletionProtection'] === undefined ? ['DeletionProtection is missing'] : []),
    ]
    return wrong.length === 0 ? undefined : wrong.join('; ')
  }),
}

export const filesSafe: Rule = {
  name: 'files-safe',
  why: 'CreationInfo makes an empty directory where the path is wrong, and the platform starts on nothing; plain EFS lets everyone mount as root.',
  check: (templates) => [
    ...eachResource(['AWS::EFS::AccessPoint'], ({properties}) => {
      if (at(properties, 'RootDirectory', 'CreationInfo') !== undefined) return 'CreationInfo would hide a wrong path'
      const path = at(properties, 'RootDirectory', 'Path')
      return path === '/' || textOf(at(path, 'Fn::Sub')).startsWith('/gen/${FilesGeneration}')
        ? undefined
        : 'its path is not in a generation'
    })(templates),
    ...eachResource(['AWS::EFS::FileSystem'], ({properties}) => {
      if (properties['Encrypted'] !== true || properties['KmsKeyId'] === undefined) return 'not encrypted with our key'
      const statements = items(at(properties, 'FileSystemPolicy', 'Statement'))
      if (statements.some((one) => at(one, 'Effect') === 'Allow')) return 'its policy allows by itself'
      const actions = statements.flatMap((one) => items(at(one, 'Action')).map(textOf))
      if (actions.some((action) => !action.startsWith('elasticfilesystem:Client'))) return 'its policy denies more than Client*, which hits backups'
      return actions.includes('elasticfilesystem:ClientRootAccess') && actions.includes('elasticfilesystem:ClientMount')
        ? undefined
        : 'its policy does not deny plain mounts and root'
    })(templates),
    ...eachResource(['AWS::ECS::TaskDefinition'], ({properties}) =>
      items(properties['Volumes']).every((volume) => {
        const efs = at(volume, 'EFSVolumeConfiguration')
        return (
          at(efs, 'TransitEncryption') === 'ENABLED' &&
          at(efs, 'AuthorizationConfig', 'IAM') === 'ENABLED' &&
          at(efs, 'AuthorizationConfig', 'AccessPointId') !== undefined
        )
      })
        ? undefined
        : 'mounts without TLS, IAM or an access point',
    )(templates),
  ],
}

const carriesTag = (tags: Json | undefined, key: string): boolean =>
  isJsonMap(tags) ? key in tags : items(tags).some((tag) => at(tag, 'Key') === key)

export const backedUp: Rule = {
  name: 'backed-up',
  why: 'A plan that finds only some of the data, or never ends, is noticed at the restore.',
  check: (templates) => [
    ...eachResource(['AWS::EFS::FileSystem', 'AWS::RDS::DBInstance'], ({properties}) =>
      carriesTag(properties['FileSystemTags'] ?? properties['Tags'], 'pi:backup') ? undefined : 'the plan does not find it: tag pi:backup is missing',
    )(templates),
    ...eachResource(['AWS::S3::Bucket'], ({id, properties}) =>
      id === 'AssetsBucket' && !carriesTag(properties['Tags'], 'pi:backup') ? 'the plan does not find it: tag pi:backup is missing' : undefined,
    )(templates),
    ...eachResource([...holdData], ({properties}) =>
      carriesTag(properties['FileSystemTags'] ?? properties['BackupVaultTags'] ?? properties['Tags'], 'pi:environment')
        ? undefined
        : 'tag pi:environment is missing',
    )(templates),
    ...eachResource(['AWS::Backup::BackupSelection'], ({properties}) => {
      const keys = items(at(properties, 'BackupSelection', 'Conditions', 'StringEquals')).map((one) => textOf(at(one, 'ConditionKey')))
      if (at(properties, 'BackupSelection', 'ListOfTags') !== undefined) return 'ListOfTags takes either tag instead of both'
      return ['pi:environment', 'pi:backup'].every((tag) => keys.includes(`aws:ResourceTag/${tag}`)) ? undefined : 'does not select by both tags'
    })(templates),
    ...eachResource(['AWS::Backup::BackupPlan'], ({properties}) =>
      items(at(properties, 'BackupPlan', 'BackupPlanRule')).every((rule) => at(rule, 'Lifecycle', 'DeleteAfterDays') !== undefined)
        ? undefined
        : 'keeps backups for ever',
    )(templates),
  ],
}

export const recordsKept: Rule = {
  name: 'records-kept',
  why: 'An expired version or an overwritten record makes a recovery set that is listed as whole unrestorable.',
  check: (templates) => [
    ...eachResource(['AWS::S3::Bucket'], ({id, properties}) => {
      if (at(properties, 'VersioningConfiguration', 'Status') !== 'Enabled') return 'not versioned'
      if (id !== 'RecordsBucket') return undefined
      if (at(properties, 'ObjectLockConfiguration', 'Rule') !== undefined) return 'a default retention would lock the lock file'
      const rules = items(at(properties, 'LifecycleConfiguration', 'Rules'))
      const expires = rules.filter((rule) => ['ExpirationInDays', 'NoncurrentVersionExpiration'].some((key) => at(rule, key) !== undefined))
      const results = JSON.stringify([{Key: 'pi:kind', Value: 'result'}])
      const isOfResults = (rule: Json): boolean => at(rule, 'Prefix') === 'ops/' && JSON.stringify(at(rule, 'TagFilters')) === results
      if (expires.some((rule) => at(rule, 'Prefix') !== 'locks/' && !isOfResults(rule))) return 'expires more than locks/ and results'
      return expires.some((rule) => at(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays') === 1) ? undefined : 'old locks do not expire after a day'
    })(templates),
    ...eachResource(['AWS::S3::BucketPolicy'], ({properties}) => {
      if (at(properties, 'Bucket', 'Ref') !== 'RecordsBucket') return undefined
      const guards = items(at(properties, 'PolicyDocument', 'Statement')).filter((one) => at(one, 'Condition', 'Null', 's3:if-none-match') === 'true')
      const guarded = JSON.stringify(guards.map((one) => at(one, 'Resource') ?? null))
      return ['/ops/*', '/snapshots/*'].every((part) => guarded.includes(part)) ? undefined : 'records may be overwritten'
    })(templates),
  ],
}

export const encrypted: Rule = {
  name: 'encrypted',
  why: 'What is written in plain stays readable to whoever gets the disk, the log or the queue.',
  check: eachResource(
    ['AWS::Logs::LogGroup', 'AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::SecretsManager::Secret', 'AWS::Backup::BackupVault', 'AWS::EC2::LaunchTemplate'],
    ({properties}) => {
      const key = [...walk(properties)].some(
        ({path, value}) => /^(KmsKeyId|KmsMasterKeyId|EncryptionKeyArn)$/.test(path.at(-1) ?? '') && alternatives(value).length > 0 && value !== 'alias/aws/sns',
      )
      return key ? undefined : 'not encrypted with our key'
    },
  ),
}
