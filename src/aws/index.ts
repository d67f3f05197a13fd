import type {AssetBucket} from '../flows/assets/ports.ts'
import type {Nearby} from '../flows/init/ports.ts'
import type {Ports} from '../flows/ports.ts'
import type {Inventory} from '../flows/quotas/ports.ts'
import {countRequests, requestsSent} from './assets/requests.ts'
import {objectUrl} from './endpoints.ts'
import {present} from './present.ts'
import type {AwsSettings, ClientConfig} from './settings.ts'

export type {AwsSettings} from './settings.ts'
export type AwsPorts = Omit<Ports, 'clock' | 'machine' | 'packageFiles' | 'ask' | 'names' | 'imageRegistry'> & {
  readonly assetBucket: AssetBucket
  readonly nearby: Nearby
}

/** AWS takes five to ten calls a second of Service Quotas, and more of the others (their quota pages). */
const quotaCallsPerSecond = 4
const callsPerSecond = 10
/** The embedded AWS is nobody else's: a pace that never waits. */
const unhurried = 10_000

type Method = (...args: unknown[]) => unknown

/**
 * A port that loads its adapter, and with it its SDK client, at its first call: a command pays at its start only for
 * what it uses.
 * @param ready members that need no adapter; every other one must answer with a promise
 */
function lazy<P extends object>(load: () => Promise<P>, ready: Partial<P> = {}): P {
  let port: Promise<P> | undefined
  const handler: ProxyHandler<Partial<P>> = {
    get(target, name) {
      if (name in target) return Reflect.get(target, name) as unknown
      // A promise that resolves to the port asks whether it is a promise itself.
      if (typeof name === 'symbol' || name === 'then') return undefined
      return async (...args: unknown[]): Promise<unknown> => {
        port ??= load()
        const loaded = await port
        return Reflect.apply(Reflect.get(loaded, name) as Method, loaded, args)
      }
    },
  }
  return new Proxy(ready, handler) as P
}

function lazyBucket(config: () => Promise<ClientConfig>): AssetBucket {
  let bucket: Promise<AssetBucket> | undefined
  const load = (): Promise<AssetBucket> =>
    (bucket ??= import('./assets/bucket.ts').then(async ({createAssetBucket}) => createAssetBucket(await config())))
  return lazy<AssetBucket>(load, {
    requests: requestsSent,
    async *read(...args) {
      yield* (await load()).read(...args)
    },
  })
}

/** Every port that AWS serves. Nothing of the SDK is loaded and nothing is asked before the first call of a port. */
export function createAwsPorts(settings: AwsSettings): AwsPorts {
  let shared: Promise<ClientConfig> | undefined
  const config = (): Promise<ClientConfig> =>
    (shared ??= import('./settings.ts').then(({clientConfig}) => clientConfig(settings)))

  countRequests()
  const place = {
    region: settings.region,
    ...present({endpoint: settings.endpointUrl}),
  }
  return {
    identity: lazy(async () => (await import('./sts.ts')).createIdentity(await config())),
    stacks: lazy(async () => (await import('./cloudformation.ts')).createStacks(await config())),
    drifts: lazy(async () => (await import('./cloudformation/drifts.ts')).createDrifts(await config())),
    objects: lazy(async () => (await import('./s3.ts')).createObjects(await config()), {
      url: (bucket, key) => objectUrl(place, bucket, key),
    }),
    containers: lazy(async () => (await import('./ecs.ts')).createContainers(await config())),
    serviceControl: lazy(async () => (await import('./ecs/service-control.ts')).createServiceControl(await config())),
    taskControl: lazy(async () => (await import('./ecs/task-control.ts')).createTaskControl(await config())),
    portForwarding: lazy(async () => (await import('./ssm.ts')).createPortForwarding(await config())),
    repositories: lazy(async () =>
      (await import('./ecr.ts')).createRepositories(await config(), settings.local ? settings.endpointUrl : undefined),
    ),
    scaling: lazy(async () => (await import('./scaling.ts')).createScaling(await config())),
    loadBalancers: lazy(async () => (await import('./elbv2.ts')).createLoadBalancers(await config())),
    functions: lazy(async () => (await import('./lambda.ts')).createFunctions(await config())),
    databases: lazy(async () => (await import('./rds.ts')).createDatabases(await config())),
    networks: lazy(async () => (await import('./ec2.ts')).createNetworks(await config())),
    certificates: lazy(async () => (await import('./acm.ts')).createCertificates(await config())),
    hostedZones: lazy(async () => (await import('./route53.ts')).createHostedZones(await config())),
    secrets: lazy(async () => (await import('./secrets-manager.ts')).createSecrets(await config())),
    backups: lazy(async () => (await import('./backup.ts')).createBackups(await config())),
    fileSystems: lazy(async () => (await import('./efs.ts')).createFileSystems(await config())),
    keys: lazy(async () => (await import('./kms.ts')).createKeys(await config())),
    permissions: lazy(async () => (await import('./iam.ts')).createPermissions(await config())),
    existingNetworks: lazy(async () =>
      (await import('./ec2/existing-networks.ts')).createExistingNetworks(await config()),
    ),
    accountFacts: lazy(async () => (await import('./account-facts.ts')).createAccountFacts(await config())),
    nearby: lazy(async () => (await import('./nearby.ts')).createNearby(await config())),
    assetBucket: lazyBucket(config),
    serviceQuotas: lazy(async () => {
      const {createServiceQuotas} = await import('./service-quotas.ts')
      return createServiceQuotas(await config(), settings.local ? unhurried : quotaCallsPerSecond)
    }),
    inventory: lazy<Inventory>(
      async () => {
        const {createInventory} = await import('./inventory/index.ts')
        return createInventory(await config(), settings.local ? unhurried : callsPerSecond) as Inventory
      },
      {requests: requestsSent},
    ),
    metrics: lazy(async () => (await import('./cloudwatch.ts')).createMetrics(await config())),
    alarms: lazy(async () => (await import('./cloudwatch/alarms.ts')).createAlarms(await config())),
    logs: lazy(async () => (await import('./logs.ts')).createLogs(await config())),
    logFiles: lazy(async () => (await import('./logs/files.ts')).createLogFiles(await config())),
    liveTail: lazy(async () => (await import('./logs/live-tail.ts')).createLiveTail(await config())),
    insights: lazy(async () => (await import('./logs/insights.ts')).createInsights(await config())),
  }
}
