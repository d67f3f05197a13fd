import {mkdir, readFile, readdir, rm, rmdir, writeFile} from 'node:fs/promises'
import {globSync, existsSync} from 'node:fs'
import {dirname, join, relative, resolve} from 'node:path'
import {build, type Metafile} from 'esbuild'
import {sourcesHash} from './bootstrap.js'
import {buildLambdaZip} from './lambda-zip.ts'
import {leanModules} from './lean-modules.ts'

/** CommonJS dependencies bundled into ES modules still ask for this name; only files that do pay for it. */
const banner = "import {createRequire as __piRequire} from 'node:module';const require = __piRequire(import.meta.url)\n"

/** What the bundle takes as constant. */
const constants = {
  __dirname: 'import.meta.dirname',
  __filename: 'import.meta.filename',
  // bin/run.js has checked the version of Node already; oclif would load semver to do so again.
  'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"1"',
}

/** oclif tries these where a project's commands are TypeScript; ours are bundled, so they stay out. */
const transpilers = ['typescript', 'ts-node', 'tsx']

/** What draws PNG beside the bundle (src/host/chart-parts.ts), by where it comes from. */
const chartParts = {
  'resvg.wasm': '@resvg/resvg-wasm/index_bg.wasm',
  'DejaVuSans.ttf': 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  'DejaVuSans-Bold.ttf': 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
} as const

type Outputs = Map<string, Uint8Array | string>

/**
 * Makes dist/ from the sources under `root`: one entry for each command, so that a command loads what it needs and no
 * more, and the side-load function's ZIP. Files that no longer belong there are removed; unchanged ones are not touched.
 */
export async function buildAll(root: string): Promise<void> {
  const dist = join(root, 'dist')
  const outputs: Outputs = new Map()
  const metafile = await bundle(root, outputs)
  outputs.set('metafile.json', JSON.stringify(metafile))
  outputs.set('THIRD-PARTY-LICENSES.txt', await licences(root, metafile))
  const lambda = await buildLambdaZip(root)
  outputs.set('lambda/sideload.zip', lambda.bytes)
  outputs.set('lambda/sideload.zip.sha256', `${lambda.sha256}\n`)
  for (const [name, source] of Object.entries(chartParts)) {
    outputs.set(`chart/${name}`, await readFile(join(root, 'node_modules', source)))
  }

  await rm(join(dist, '.sources'), {force: true})
  for (const [name, content] of outputs) await writeChanged(join(dist, name), content)
  await removeOthers(dist, new Set([...outputs.keys()].map((name) => join(dist, name))))
  await writeFile(join(dist, '.sources'), `${sourcesHash(root)}\n`)
}

async function bundle(root: string, outputs: Outputs): Promise<Metafile> {
  const entries = ['src/main.ts', 'src/cli/help.ts']
  const commands = globSync('src/commands/**/*.ts', {cwd: root}).sort()
  const result = await build({
    absWorkingDir: root,
    // The same sources as ES modules: without a wrapper around each file they load faster.
    alias: {yaml: './node_modules/yaml/browser/dist/index.js'},
    entryPoints: [...entries, ...commands],
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    // Escapes for all else: V8 reads plain ASCII in half the memory and markedly faster.
    charset: 'ascii',
    chunkNames: 'chunks/[name]-[hash]',
    define: constants,
    external: transpilers,
    format: 'esm',
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    mainFields: ['module', 'main'],
    metafile: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    plugins: [leanModules],
    splitting: true,
    target: 'node22',
    write: false,
  })
  for (const {path, text} of result.outputFiles) {
    outputs.set(relative(join(root, 'dist'), path), /\brequire\b/.test(text) ? banner + text : text)
  }
  return result.metafile
}

/** The licence texts of every package that ended up in the bundle: their terms ask that they travel along. */
async function licences(root: string, metafile: Metafile): Promise<string> {
  const folders = new Set<string>()
  for (const input of Object.keys(metafile.inputs)) {
    const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
    if (folder !== undefined) folders.add(folder)
  }
  for (const source of Object.values(chartParts)) {
    folders.add(join('node_modules', ...source.split('/').slice(0, source.startsWith('@') ? 2 : 1)))
  }
  const texts = await Promise.all([...folders].sort().map((folder) => licence(join(root, folder))))
  return texts.join(`\n${'-'.repeat(80)}\n`)
}

async function licence(folder: string): Promise<string> {
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
  const text = file === undefined ? sourceOf(about) : await readFile(join(folder, file), 'utf8')
  return `${String(about['name'])} ${String(about['version'])} (${String(about['license'])})\n\n${text.replaceAll('\r\n', '\n').trim()}\n`
}

/** A package that brings no text of its licence says where both are. */
function sourceOf({repository, homepage}: Record<string, unknown>): string {
  const url = (repository as {url?: string} | undefined)?.url ?? homepage ?? repository
  return `Source code and the text of the licence: ${String(url).replace(/^git@github\.com:/, 'https://github.com/')}`
}

async function writeChanged(file: string, content: Uint8Array | string): Promise<void> {
  const bytes = Buffer.from(content)
  if (existsSync(file) && bytes.equals(await readFile(file))) return
  await mkdir(dirname(file), {recursive: true})
  await writeFile(file, bytes)
}

async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(folder, {withFileTypes: true, recursive: true})
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isDirectory() && !keep.has(path)) await rm(path)
  }
  for (const entry of entries.reverse()) {
    if (entry.isDirectory()) await rmdir(join(entry.parentPath, entry.name)).catch(() => undefined)
  }
}

if (import.meta.main) await buildAll(resolve(import.meta.dirname, '..'))
