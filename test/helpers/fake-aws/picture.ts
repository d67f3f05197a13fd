import type {World} from './world.ts'

const opId = /\d{8}[Tt]\d{6}[Zz](-[a-z]+)?(-[0-9a-f]{6})?/g

/** Everything that lasts in a world, without what tells when and by which operation it came about. */
export function picture(world: World): unknown {
  world.tick()
  const {state} = world
  const decoder = new TextDecoder()
  return {
    stacks: state.stacks
      .filter(({status}) => status !== 'DELETE_COMPLETE')
      .map(({id, name, status, goal, outputs, terminationProtection, policy, changeSets}) => ({
        id,
        name,
        status,
        parameters: goal?.parameters,
        tags: goal?.tags,
        template: goal?.template,
        outputs,
        terminationProtection,
        policy,
        forgottenChangeSets: changeSets.filter(({executed}) => !executed).length,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    objects: [...state.buckets].map(([bucket, objects]) => [
      bucket,
      [...objects]
        .filter(([key]) => !key.startsWith('ops/'))
        .map(([key, {body}]) => [key, timeless(decoder.decode(body))])
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    ]),
    secrets: [...state.secrets].map(([arn, {value}]) => [arn, value]),
    instances: [...state.instances.values()],
    snapshots: [...state.snapshots.values()].map(({identifier, data, environment}) => ({
      // AWS Backup names its own after its job.
      name: timeless(identifier).replace(/^(awsbackup):.*/, '$1'),
      data,
      environment,
    })),
    fileSystems: [...state.fileSystems.values()].map(({lists, trees, ...rest}) => ({
      ...rest,
      trees: [...trees].map(([path, content]) => [timeless(path), content]),
      lists: [...lists].map(([path, content]) => [timeless(path), content]),
    })),
    functions: [...state.functions],
    services: [...state.services.values()].map(({draining: _, ...rest}) => rest),
    scaling: [...state.scaling],
    recoveryPoints: [...state.recoveryPoints.values()].map(({resourceArn, trees}) => ({
      resourceArn,
      trees: [...trees].map(([path, content]) => [timeless(path), content]),
    })),
    vaults: [...state.vaults],
    keys: [...state.keys],
    shares: [...state.shares.values()].flat(),
    loans: state.loans.map(({to}) => to),
  }
}

function timeless(text: string): string {
  return text.replaceAll(opId, 'OPERATION').replaceAll(/"at":"[^"]+"/g, '"at":"TIME"')
}
