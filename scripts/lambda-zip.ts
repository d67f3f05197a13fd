import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {build, type Plugin} from 'esbuild'
import yazl from 'yazl'

/** The oldest moment a ZIP can name, in local time as the format wants it: the same bytes in every time zone. */
const zipEpoch = new Date(1980, 0, 1)

/** Lambda unpacks with these modes; the function's user may read the files and nobody may write them. */
const readable = 0o100644

export interface LambdaZip {
  readonly bytes: Buffer
  /** SHA-256 of `bytes`, 64 hex digits: what the S3 key of the upload holds. */
  readonly sha256: string
}

/**
 * Bundles the side-load function into one file and puts it into a ZIP that Lambda takes as it is (handler
 * `index.handler`). The same sources give the same bytes: entries sorted, time and mode fixed, nothing compressed, since
 * zlib's output differs between versions of Node.
 */
export async function buildLambdaZip(root: string): Promise<LambdaZip> {
  const bytes = await zip(await bundleLambda(root))
  return {bytes, sha256: createHash('sha256').update(bytes).digest('hex')}
}

/**
 * Takes `node:http` without its getters: the SDK imports it as an ES module, which reads all its exports, and those of its
 * WebSocket load the whole of undici before the first request. The names are a list, so that every Node makes the same bytes.
 */
const leanHttp: Plugin = {
  name: 'lean-http',
  setup(build) {
    const namespace = 'lean'
    const contents =
      "const builtin = process.getBuiltinModule('node:http')\nexport const {Agent, request} = builtin\nexport default builtin"
    build.onResolve({filter: /^(node:)?http$/}, ({kind}) =>
      kind === 'require-call' ? undefined : {path: 'node:http', namespace},
    )
    build.onLoad({filter: /^node:http$/, namespace}, () => ({contents}))
  },
}

/** What the ZIP holds. */
export async function bundleLambda(root: string): Promise<readonly ZipEntry[]> {
  const bundle = await build({
    absWorkingDir: root,
    entryPoints: {index: 'lambda/sideload/handler.ts'},
    outdir: join(root, 'dist', 'lambda'),
    bundle: true,
    charset: 'utf8',
    format: 'cjs',
    legalComments: 'none',
    // The SDK's modules as they can be shaken: what is never called is left out.
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    plugins: [leanHttp],
    // Names in the bundle come from the project, wherever its packages really lie.
    preserveSymlinks: true,
    target: 'node22',
    // The bytes follow from the function's own sources and from nothing around them.
    tsconfigRaw: '{}',
    write: false,
  })
  return bundle.outputFiles.map((file) => ({name: 'index.js', content: Buffer.from(file.contents)}))
}

export interface ZipEntry {
  readonly name: string
  readonly content: Buffer
}

/** Puts entries into a ZIP whose bytes depend on their names and contents and nothing else. */
export async function zip(entries: readonly ZipEntry[]): Promise<Buffer> {
  const archive = new yazl.ZipFile()
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const {name, content} of sorted) {
    archive.addBuffer(content, name, {compress: false, forceDosTimestamp: true, mode: readable, mtime: zipEpoch})
  }
  archive.end()
  return buffer(archive.outputStream)
}
