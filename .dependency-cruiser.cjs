'use strict'

/**
 * The import walls between the rooms of src/ (docs/decisions/0001-rooms-and-walls.md). Every rule has a bad fixture in
 * test/house/fixtures/walls that it must reject.
 */

const packages = (...names) => names.map((name) => `(^|/)node_modules/${name}(/|$)`)
const builtins = (...names) => `^(node:)?(${names.join('|')})(/|$)`
const except = (...paths) => ({pathNot: paths})

/** What only computes: no files, no network, no clock (eslint lets node:crypto give createHash and nothing else). */
const pure = [...packages('zod', 'ipaddr\\.js', 'yaml', 'fastest-levenshtein'), builtins('crypto')]
const terminal = packages('chalk', 'listr2', 'inquirer', '@inquirer', '@listr2', 'cli-table3')
const sdk = packages('@aws-sdk', '@smithy')

/** What flows ask of the rooms around them, and what they tell. */
const contracts = ['^src/flows/(ports|events)\\.ts$', '^src/flows/[^/]+/(ports|events)\\.ts$']

/** Said of an import: `import type`, which leaves nothing behind in the running program. */
const typeOnly = 'type-only'

const rule = (name, comment, from, to) => ({name, comment, severity: 'error', from, to})

const walls = [
  rule(
    'domain-is-pure',
    'domain states what is true: it imports itself, and packages that only compute',
    {path: '^src/domain/'},
    except('^src/domain/', ...pure),
  ),
  rule(
    'flows-see-no-room-but-domain',
    'a flow says what happens: it takes ports and imports domain and other flows',
    {path: '^src/flows/'},
    except('^src/(domain|flows)/', ...pure),
  ),
  rule(
    'adapters-see-contracts-only',
    'aws, host and ui implement ports: of flows they know ports.ts and events.ts; ui/format prints results too',
    {path: '^src/(aws|host|ui)/', pathNot: '^src/ui/format(/|\\.ts$)'},
    {path: '^src/flows/', pathNot: contracts},
  ),
  rule(
    'adapters-see-flows-as-types',
    'aws, host and ui take what flows declare with `import type`',
    {path: '^src/(aws|host|ui)/'},
    {path: '^src/flows/', dependencyTypesNot: [typeOnly]},
  ),
  rule(
    'adapters-do-not-see-each-other',
    'aws, host and ui know nothing of each other, of the command line or of the commands',
    {path: '^src/(aws|host|ui)/'},
    {path: '^src/', pathNot: ['^src/$1/', '^src/(domain|flows)/']},
  ),
  rule(
    'commands-call-cli-and-flows',
    'a command parses, names the flow and returns its result',
    {path: '^src/commands/'},
    {path: '^src/', pathNot: ['^src/(cli|flows|domain)/', '^src/ui/format(/|\\.ts$)']},
  ),
  rule(
    'commands-stay-thin',
    'a command uses oclif and nothing else from outside',
    {path: '^src/commands/'},
    {pathNot: ['^src/', ...packages('@oclif/core'), '^(node:)?(path|url)$']},
  ),
  rule(
    'nobody-imports-commands',
    'oclif finds the commands; what two of them share lives in cli or flows',
    {pathNot: '^src/commands/'},
    {path: '^src/commands/'},
  ),
  rule(
    'cli-is-above-everything',
    'only commands and main.ts may import cli',
    {path: '^src/', pathNot: '^src/(cli|commands)/|^src/main\\.ts$'},
    {path: '^src/(cli/|main\\.ts$)'},
  ),
  rule(
    'only-wire-makes-adapters',
    'cli/wire.ts is the one place that chooses adapters',
    {path: '^src/', pathNot: '^src/(aws|host)/|^src/cli/wire\\.ts$'},
    {path: '^src/(aws|host)/'},
  ),
  rule(
    'wire-loads-adapters-lazily',
    'cli/wire.ts loads aws, host and the SDK by dynamic import, so that --help never pays for them',
    {path: '^src/cli/wire\\.ts$'},
    {path: ['^src/(aws|host)/', ...sdk], dependencyTypesNot: ['dynamic-import', typeOnly]},
  ),
  rule(
    'sdk-only-in-aws',
    'the SDK is known to src/aws alone (cli/wire.ts may load a client)',
    {path: '^src/', pathNot: '^src/aws/|^src/cli/wire\\.ts$'},
    {path: sdk},
  ),
  rule(
    'terminal-only-in-ui',
    'colours, task lists, tables and prompts are known to src/ui alone',
    {path: '^src/', pathNot: '^src/ui/'},
    {path: terminal},
  ),
  rule(
    'machine-only-in-host-and-cli',
    'files and processes are reached through src/host (src/cli reads the configuration)',
    {path: '^src/', pathNot: '^src/(host|cli)/'},
    {path: builtins('fs', 'child_process', 'worker_threads', 'cluster')},
  ),
  rule(
    'lambda-stands-alone',
    'the side-load function is bundled by itself: it knows nothing of src',
    {path: '^lambda/'},
    {path: '^(src|test|scripts|bench)/'},
  ),
  rule(
    'signing-only-computes',
    'sigv4 is bundled into the command line and into the function: it knows neither',
    {path: '^sigv4/'},
    except('^sigv4/', builtins('crypto')),
  ),
  rule(
    'signing-only-for-senders',
    'only what speaks to S3 signs',
    {path: '^(src|lambda)/', pathNot: '^(src/aws|lambda)/'},
    {path: '^sigv4/'},
  ),
  rule(
    'src-ships-alone',
    'what ships knows nothing of tests, scripts, benchmarks or the function',
    {path: '^src/'},
    {path: '^(test|scripts|bench|lambda|bin)/'},
  ),
  rule('no-cycles', 'two files that need each other are one file, or three', {}, {circular: true}),
  rule('no-unresolved', 'an import must lead somewhere', {}, {couldNotResolve: true}),
]

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: walls,
  options: {
    tsConfig: {fileName: 'tsconfig.json'},
    tsPreCompilationDeps: true,
    doNotFollow: {path: '(^|/)node_modules/'},
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
}
