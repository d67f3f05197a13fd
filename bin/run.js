#!/usr/bin/env node
// This file must parse on Node 14: whoever starts pi-aws on an old Node gets one line and not a stack trace.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write('pi-aws needs Node 22.13 or newer: this is Node ' + process.versions.node + '\n')
  process.exit(2)
}

const ask = process.argv.slice(2)
if (ask.length === 1 && ['--version', '-V', 'version'].includes(ask[0])) printVersion()
else start()

/** Answers `--version` without loading the command line: it is what shells and installers call most. */
function printVersion() {
  const {readFileSync} = process.getBuiltinModule('node:fs')
  const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  surviveClosedPipes()
  process.stdout.write(`pi-aws/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
}

function start() {
  surviveClosedPipes()
  cacheCompiledCode()
  knowOwnModules()
  import('../dist/main.js')
    .then(({main}) => main(ask))
    .then(leaveIfCancelled)
    .catch(explain)
}

/**
 * `pi-aws ... | head` closes our output early; that is no failure. Whoever must not stop in the middle (a deployment whose
 * reader dies) listens for `pi-aws:closed-pipe` on `process` and goes on unheard.
 */
function surviveClosedPipes() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      // EIO: the terminal itself was closed.
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
      if (process.listenerCount('pi-aws:closed-pipe') > 0) process.emit('pi-aws:closed-pipe', stream)
      else process.exit(error.code === 'EIO' ? 130 : 0)
    })
  }
}

/** Keeps V8's compiled code in the user's own cache: the second start of a command is markedly shorter. */
function cacheCompiledCode() {
  const {enableCompileCache} = process.getBuiltinModule('node:module')
  const {join} = process.getBuiltinModule('node:path')
  const {HOME, USERPROFILE, PI_AWS_CACHE, XDG_CACHE_HOME} = process.env
  const home = HOME || USERPROFILE
  const caches = XDG_CACHE_HOME || (home && join(home, '.cache'))
  const ours = PI_AWS_CACHE || (caches && join(caches, 'pi-aws'))
  if (ours) enableCompileCache(join(ours, 'compiled'))
}

/** Our own modules lie where they say they do: Node need not ask the disk, and look for a package.json, for each of a hundred. */
function knowOwnModules() {
  const {registerHooks} = process.getBuiltinModule('node:module')
  if (registerHooks === undefined) return
  const own = new URL('../dist/', import.meta.url).href
  registerHooks({
    resolve(name, context, next) {
      const known =
        /^\.{1,2}\/.*\.js$/.test(name) && context.parentURL !== undefined && context.parentURL.startsWith(own)
      return known
        ? {url: new URL(name, context.parentURL).href, format: 'module', shortCircuit: true}
        : next(name, context)
    },
  })
}

/** What was cancelled may still wait for an answer from AWS, for up to a minute and with retries: nobody wants it now. */
function leaveIfCancelled() {
  if (process.exitCode !== 130) return
  process.stdout.write('', () => process.stderr.write('', () => process.exit()))
}

function explain(error) {
  const unbuilt = error?.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).includes('dist')
  process.stderr.write(unbuilt ? 'pi-aws is not built here: run `npm run build`\n' : `${error?.stack ?? error}\n`)
  process.exitCode = 1
}
