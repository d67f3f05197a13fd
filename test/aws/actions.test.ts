import assert from 'node:assert/strict'
import {globSync, readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {laterActions, ownActions} from '../../src/domain/permissions/own-actions.ts'

const folder = resolve(import.meta.dirname, '../../src/aws')

/** Prefixes of IAM actions where they are not the client's name (Service Authorization Reference). */
const prefixes: Readonly<Record<string, string>> = {
  'api-gateway': 'apigateway',
  'application-auto-scaling': 'application-autoscaling',
  'auto-scaling': 'autoscaling',
  'cloudwatch-logs': 'logs',
  efs: 'elasticfilesystem',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  eventbridge: 'events',
  'route-53': 'route53',
  'secrets-manager': 'secretsmanager',
  'service-quotas': 'servicequotas',
}

/** APIs whose permission bears another name (Service Authorization Reference, S3 and Lambda). */
const otherNames: Readonly<Record<string, string>> = {
  's3:CopyObject': 's3:PutObject',
  's3:UploadPartCopy': 's3:PutObject',
  's3:CompleteMultipartUpload': 's3:PutObject',
  's3:CreateMultipartUpload': 's3:PutObject',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListMultipartUploads': 's3:ListBucketMultipartUploads',
  's3:ListObjectVersions': 's3:ListBucketVersions',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:ListParts': 's3:ListMultipartUploadParts',
  's3:UploadPart': 's3:PutObject',
  'lambda:Invoke': 'lambda:InvokeFunction',
}

/** Every API that an adapter calls by its SDK client, as IAM names it, with the file. */
function called(): readonly (readonly [action: string, file: string])[] {
  return globSync('**/*.ts', {cwd: folder}).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9-]+)'/g)].flatMap(
      ([, names = '', client = '']) =>
        names
          .split(',')
          .map((name) => /^(?:([A-Z]\w*)Command|paginate(\w+))$/.exec(name.trim()))
          .flatMap((match) => match?.[1] ?? match?.[2] ?? [])
          .map((name) => `${prefixes[client] ?? client}:${name}`)
          .map((action) => [otherNames[action] ?? action, file] as const),
    )
  })
}

describe('the actions that pi-aws itself needs', () => {
  it('hold every API that an adapter calls', () => {
    const all = called()
    assert.ok(all.length > 80, `only ${all.length} calls were found`)
    assert.deepEqual(
      all.filter(([action]) => !ownActions.includes(action)).map(([action, file]) => `${action} (${file})`),
      [],
    )
  })

  it('are each there once, and those that a deploy can do without are among them', () => {
    assert.equal(new Set(ownActions).size, ownActions.length)
    assert.deepEqual(
      laterActions.filter((action) => !ownActions.includes(action)),
      [],
    )
  })
})
