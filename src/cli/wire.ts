import type {AssetPorts} from '../flows/assets/ports.ts'
import type {Ports} from '../flows/ports.ts'
import type {LocalPorts} from '../flows/local/ports.ts'

/** The one place that makes adapters. Everything is imported when it is needed, so that help loads no SDK. */
export interface WireSettings {
  /** Root folder of the package. */
  readonly root: string
  readonly region: string
  readonly local: boolean
  readonly endpointUrl: string | undefined
  readonly profile: string | undefined
  readonly roleArn: string | undefined
  readonly log: ((line: string) => void) | undefined
  readonly ask: Ports['ask']
}

/** All ports, what only assets need from this machine left out. */
export type WiredPorts = Ports & Pick<AssetPorts, 'assetBucket'>

/** All ports of the flows, on real AWS or on the embedded one. */
export async function wirePorts(settings: WireSettings): Promise<WiredPorts> {
  const [{createAwsPorts}, {systemClock}, {thisMachine}, {packageFiles}] = await Promise.all([
    import('../aws/index.ts'),
    import('../host/clock.ts'),
    import('../host/machine.ts'),
    import('../host/package-files.ts'),
  ])
  const files = packageFiles(settings.root)
  const {endpointUrl, profile, roleArn, log} = settings
  const aws = createAwsPorts({
    region: settings.region,
    local: settings.local,
    userAgent: `pi-aws/${files.version}`,
    ...(endpointUrl === undefined ? {} : {endpointUrl}),
    ...(profile === undefined ? {} : {profile}),
    ...(roleArn === undefined ? {} : {roleArn}),
    ...(log === undefined ? {} : {log}),
  })
  return {...aws, clock: systemClock, machine: thisMachine, packageFiles: files, ask: settings.ask}
}

/** What flows on assets need besides. */
export async function wireAssets<P extends WiredPorts>(ports: P): Promise<P & AssetPorts> {
  const [{assetFolder}, {assetIndexes}, {folders}] = await Promise.all([
    import('../host/assets/folder.ts'),
    import('../host/assets/indexes.ts'),
    import('../host/paths.ts'),
  ])
  return {...ports, assetFolder, assetIndexes: assetIndexes(folders().state)}
}

/** The ports of the embedded AWS's own life. */
export async function wireLocal(root: string): Promise<LocalPorts> {
  const {localPorts} = await import('../host/local-aws/local-ports.ts')
  return localPorts(root)
}
