import {readFile} from 'node:fs/promises'
import {UsageError} from '../domain/errors.ts'
import type {AssetPorts} from '../flows/assets/ports.ts'
import type {ConfigurationFiles} from '../flows/config/ports.ts'
import type {CurrentEnvironment} from '../flows/environments/ports.ts'
import type {BundleWriter} from '../flows/diagnose/ports.ts'
import type {SessionPlugin} from '../flows/exec/ports.ts'
import type {OutputFiles} from '../flows/files/ports.ts'
import type {FunctionZips} from '../flows/function-zip/ports.ts'
import type {ExportFolder} from '../flows/logs/ports.ts'
import type {Ports} from '../flows/ports.ts'
import type {Drafts, ImageTags, Nearby} from '../flows/init/ports.ts'
import type {LocalPorts} from '../flows/local/ports.ts'
import type {ImageTransfer, MirrorFiles} from '../flows/mirror/ports.ts'
import type {TcpPorts} from '../flows/tunnel/ports.ts'
import type {TagFiles} from '../flows/upgrade/options.ts'

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
export type WiredPorts = Ports & Pick<AssetPorts, 'assetBucket'> & {readonly nearby: Nearby}

/** All ports of the flows, on real AWS or on the embedded one. */
export async function wirePorts(settings: WireSettings): Promise<WiredPorts> {
  const [{createAwsPorts}, {systemClock}, {thisMachine}, {packageFiles}, {systemNames}, {httpImageRegistry}] =
    await Promise.all([
      import('../aws/index.ts'),
      import('../host/clock.ts'),
      import('../host/machine.ts'),
      import('../host/package-files.ts'),
      import('../host/names.ts'),
      import('../host/image-registry.ts'),
    ])
  const files = packageFiles(settings.root)
  const certificates = await certificateBundle(process.env['AWS_CA_BUNDLE'])
  const {endpointUrl, profile, roleArn, log} = settings
  const aws = createAwsPorts({
    region: settings.region,
    local: settings.local,
    userAgent: `pi-aws/${files.version}`,
    ...(endpointUrl === undefined ? {} : {endpointUrl}),
    ...(profile === undefined ? {} : {profile}),
    ...(roleArn === undefined ? {} : {roleArn}),
    ...(log === undefined ? {} : {log}),
    ...(certificates === undefined ? {} : {certificates}),
  })
  return {
    ...aws,
    clock: systemClock,
    machine: thisMachine,
    packageFiles: files,
    ask: settings.ask,
    names: systemNames(),
    imageRegistry: httpImageRegistry(certificates),
  }
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

export async function loadOutputFiles(): Promise<OutputFiles> {
  const {outputFiles} = await import('../host/output-files.ts')
  return outputFiles
}

/** What leaves a file on this machine needs besides. */
export async function wireFiles<P extends WiredPorts>(ports: P): Promise<P & {readonly outputFiles: OutputFiles}> {
  return {...ports, outputFiles: await loadOutputFiles()}
}

/** What writes logs into the folder at `path`. @throws FailedError FILE_UNWRITABLE */
export async function wireExport<P extends WiredPorts>(
  ports: P,
  path: string,
): Promise<P & {readonly exportFolder: ExportFolder}> {
  const {exportFolder} = await import('../host/export-folder.ts')
  return {...ports, exportFolder: await exportFolder(path)}
}

/** What writing in pictures needs, from the package at `root`. @throws FailedError PACKAGE_INCOMPLETE */
export async function loadChartFonts(root: string): Promise<{readonly regular: string; readonly bold: string}> {
  const {chartFonts} = await import('../host/chart-fonts.ts')
  return chartFonts(root)
}

/** What `upload lambda` needs besides. */
export async function wireFunctionZips<P extends WiredPorts>(ports: P): Promise<P & {functionZips: FunctionZips}> {
  const {functionZips} = await import('../host/function-zips.ts')
  return {...ports, functionZips}
}

export async function loadSessionPlugin(): Promise<SessionPlugin> {
  const {sessionPlugin} = await import('../host/session-plugin.ts')
  return sessionPlugin
}

/** What an upgrade needs besides. */
export async function wireUpgrade<P extends WiredPorts>(ports: P): Promise<P & {tagFiles: TagFiles}> {
  const {isWritable} = await import('../host/configuration-files.ts')
  return {...ports, tagFiles: {...(await wireConfigurationFiles()), isWritable}}
}

/** What opening a session needs besides. */
export async function wireSession<P extends WiredPorts>(ports: P): Promise<P & {sessionPlugin: SessionPlugin}> {
  return {...ports, sessionPlugin: await loadSessionPlugin()}
}

/** What copying images needs besides. */
export async function wireMirror<P extends WiredPorts>(
  ports: P,
): Promise<P & {imageTransfer: ImageTransfer; mirrorFiles: MirrorFiles}> {
  const [{ociTransfer}, {isWritable}] = await Promise.all([
    import('../host/oci.ts'),
    import('../host/configuration-files.ts'),
  ])
  const imageTransfer = ociTransfer(await certificateBundle(process.env['AWS_CA_BUNDLE']))
  return {...ports, imageTransfer, mirrorFiles: {...(await wireConfigurationFiles()), isWritable}}
}

/** What a tunnel needs besides. */
export async function wireTunnel<P extends WiredPorts>(
  ports: P,
): Promise<P & {sessionPlugin: SessionPlugin; tcpPorts: TcpPorts}> {
  const {freePort, isFree} = await import('../host/local-aws/loopback.ts')
  return {...(await wireSession(ports)), tcpPorts: {isFree, free: freePort}}
}

/** What writing a bundle needs besides. */
export async function wireBundle<P extends WiredPorts>(ports: P): Promise<P & {bundle: BundleWriter}> {
  const {bundleWriter} = await import('../host/bundle.ts')
  return {...ports, bundle: bundleWriter}
}

/**
 * The corporate certificates that AWS_CA_BUNDLE names, as PEM text.
 * @throws UsageError CA_BUNDLE_UNREADABLE
 */
async function certificateBundle(path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`Certificates unreadable: AWS_CA_BUNDLE names ${path}, which cannot be read.`, {
      code: 'CA_BUNDLE_UNREADABLE',
      cause: error,
    })
  }
}

/** What ships inside the package, for what needs nothing else. */
export async function wirePackage(root: string): Promise<Ports['packageFiles']> {
  const {packageFiles} = await import('../host/package-files.ts')
  return packageFiles(root)
}

/** The files of configurations on this machine. */
export async function wireConfigurationFiles(): Promise<ConfigurationFiles> {
  const [{configurationFiles}, {folders}, {thisMachine}, {systemClock}] = await Promise.all([
    import('../host/configuration-files.ts'),
    import('../host/paths.ts'),
    import('../host/machine.ts'),
    import('../host/clock.ts'),
  ])
  return configurationFiles(folders().state, thisMachine, systemClock)
}

/** What `env use` chose on this machine. */
export async function wireCurrentEnvironment(): Promise<CurrentEnvironment> {
  const [{currentEnvironment}, {folders}] = await Promise.all([
    import('../host/current-environment.ts'),
    import('../host/paths.ts'),
  ])
  return currentEnvironment(folders().state)
}

/** What only the first-time wizard needs of this machine. */
export async function wireInit(): Promise<{readonly drafts: Drafts; readonly imageTags: ImageTags}> {
  const [{drafts}, {folders}, {thisMachine}, {systemClock}] = await Promise.all([
    import('../host/drafts.ts'),
    import('../host/paths.ts'),
    import('../host/machine.ts'),
    import('../host/clock.ts'),
  ])
  const imageTags: ImageTags = {
    tags: async (...image) => {
      const {httpImageTags} = await import('../host/image-registry.ts')
      return httpImageTags(await certificateBundle(process.env['AWS_CA_BUNDLE'])).tags(...image)
    },
  }
  return {drafts: drafts(folders().state, thisMachine, systemClock), imageTags}
}

/** What is known of newer versions, and how it is asked for. */
export async function wireUpdates() {
  const [{askInBackground, knownUpdate}, {folders}] = await Promise.all([
    import('../host/updates.ts'),
    import('../host/paths.ts'),
  ])
  return {askInBackground, knownUpdate, cache: folders().cache}
}

/** The ports of the embedded AWS's own life. */
export async function wireLocal(root: string): Promise<LocalPorts> {
  const {localPorts} = await import('../host/local-aws/local-ports.ts')
  return localPorts(root)
}

/** pi-aws's own folder on this machine, absolute. */
export async function wireStateFolder(): Promise<string> {
  return (await import('../host/paths.ts')).folders().state
}
