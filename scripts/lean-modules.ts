import type {Plugin} from 'esbuild'

/**
 * Replaces two modules by smaller ones while bundling, since each costs every start of the command line time that
 * nobody gets anything for (docs/performance.md has the numbers):
 * - `node:http`: an import of it as an ES module reads all its exports, and those of its WebSocket load the whole of
 *   undici. Taken by `process.getBuiltinModule` and without its getters it loads what is used.
 * - `wsl-utils`: oclif asks it whether this is Linux on Windows and shows the answer only in its user agent, which we do
 *   not print; on Windows it also names the PowerShell that oclif's help asks for.
 */
export const leanModules: Plugin = {
  name: 'lean-modules',
  setup(build) {
    const namespace = 'lean'
    build.onResolve({filter: /^(node:)?http$/}, ({kind}) =>
      kind === 'require-call' ? undefined : {path: 'node:http', namespace},
    )
    build.onResolve({filter: /^wsl-utils$/}, ({path}) => ({path, namespace}))
    build.onLoad({filter: /^node:http$/, namespace}, () => ({contents: plainExports('node:http')}))
    build.onLoad({filter: /^wsl-utils$/, namespace}, () => ({
      contents: "export const isWsl = false\nexport const powerShellPath = async () => 'powershell.exe'",
    }))
  },
}

/** A module that exports what the builtin one does, getters left out: an import of one of these fails the build. */
function plainExports(name: string): string {
  const exported = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name)))
  const names = exported.filter(([, descriptor]) => 'value' in descriptor).map(([key]) => key)
  return `const builtin = process.getBuiltinModule('${name}')\nexport const {${names.join(', ')}} = builtin\nexport default builtin`
}
