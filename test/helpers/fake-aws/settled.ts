import {openManifest} from '../../../src/domain/snapshots/manifest.ts'
import {isSnapshotId} from '../../../src/domain/snapshots/id.ts'
import {picture} from './picture.ts'
import type {World} from './world.ts'

/** Times, durations and hashes that differ from run to run. */
const passing = new Set([
  'createdAt',
  'copiedAt',
  'at',
  'from',
  'to',
  'downMs',
  'skewMs',
  'hash',
  'recoveryPointArn',
  'opId',
  'id',
])

function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, passing.has(name) ? 'varies' : steady(inner)]),
  )
}

/**
 * What lasts of a world, without what differs from one good run to the next: times, and the canary that every try puts
 * into the database. Manifests are opened, so that a set that is not whole shows.
 */
export function settled(world: World): unknown {
  const {objects, instances, services, stacks, recoveryPoints, ...rest} = picture(world) as {
    recoveryPoints: {trees: [string, string][]}[]
    stacks: {status: string; parameters: Record<string, string>}[]
    objects: [string, [string, string][]][]
    instances: {canary?: string}[]
    services: object[]
  }
  return JSON.parse(
    JSON.stringify(
      {
        ...rest,
        services,
        // An earlier try may have left its copy beside the one that counts.
        recoveryPoints: recoveryPoints.map(({trees, ...point}) => ({
          ...point,
          trees: Object.fromEntries(trees.map(([path, content]) => [path.replace(/(OPERATION)-\d+$/, '$1'), content])),
        })),
        // Start counts follow what scaling did: what counts is how many tasks the services have.
        stacks: stacks.map(({status, parameters, ...stack}) => ({
          ...stack,
          status: status.replace(/^(CREATE|UPDATE)_COMPLETE$/, 'COMPLETE'),
          parameters: Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.endsWith('StartCount'))),
        })),
        instances: instances.map(({canary: _, ...instance}) => instance),
        objects: objects.map(([bucket, keys]) => [
          bucket,
          keys.map(([key, text]) => recordOf(world, bucket, key, text)).sort(),
        ]),
        jobs: world.state.jobs.filter(({state}) => state === 'RUNNING').map(({kind}) => kind),
      },
      (_name, value: unknown) => (value instanceof Map ? [...(value as Map<unknown, unknown>)] : value),
    )
      .replaceAll(/\d{8}[tT]\d{6}[zZ](-[a-z]+)?-[0-9a-f]{6}/g, 'ID')
      .replaceAll(/\b(awsbackup:job)-\d+/g, '$1')
      // A later try at a set has names of its own.
      .replaceAll(/\b(ID|OPERATION)-\d\b/g, '$1'),
  )
}

function recordOf(world: World, bucket: string, key: string, text: string): [string, unknown] {
  if (key.startsWith('snapshots/catalogue/')) return ['snapshots/catalogue/', '']
  const id = key.split('/').at(-1)?.replace('.json', '') ?? ''
  if (key.startsWith('snapshots/manifests/') && isSnapshotId(id))
    return [
      'snapshots/manifests/',
      steady(openManifest(id, world.state.buckets.get(bucket)?.get(key)?.body ?? new Uint8Array())),
    ]
  return key.startsWith('snapshots/') || key.startsWith('restores/')
    ? [key.split('/').slice(0, 2).join('/'), '']
    : [key, text]
}
