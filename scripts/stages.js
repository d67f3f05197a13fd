// What `npm test` does, in order. Runs under the Node of node_modules.
import {existsSync, readFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {build, filesUnder, hashOf, root} from './bootstrap.js'
import {packagesOf, pythonEnvironment} from './python.js'

const node = process.execPath
const tool = (path, ...args) => [node, join(root, 'node_modules', path), ...args]

const tools = () =>
  pythonEnvironment({
    kind: 'tools',
    what: 'the Python tools of the tests',
    size: '430 MB',
    locks: ['test/templates/python/requirements.txt'],
  })

const embedded = () =>
  pythonEnvironment({
    kind: 'python',
    what: 'the embedded AWS',
    size: '215 MB',
    locks: ['local-aws/requirements.txt'],
  })

const pytest = () =>
  pythonEnvironment({
    kind: 'tools',
    what: 'pytest',
    size: '10 MB',
    locks: ['local-aws/tests/requirements.txt'],
  })

/** A stage that passes or fails as one; all its commands run, so that all complaints are seen at once. */
const check = (name, ...commands) => ({
  name,
  run: ({run}) => (commands.map((command) => run(command)).every(Boolean) ? {passed: 1} : {failed: 1}),
})

/**
 * A stage of mocha's, counted test by test. `surroundings` gives it more environment, in CI maybe another one, `wrap`
 * something to run under.
 */
const mocha = (name, specs, {ignore = [], surroundings = () => ({}), wrap = []} = {}) => ({
  name,
  run({run, folder, ci}) {
    const result = join(folder, `${name}.json`)
    const skip = ['test/**/fixtures/**', ...ignore].flatMap((glob) => ['--ignore', glob])
    const command = tool('mocha/bin/mocha.js', '--reporter', './test/reporter.ts', ...skip, ...specs)
    const well = run([...wrap, ...command], {PI_AWS_TEST_RESULT: result, ...surroundings(ci)})
    const counts = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : {}
    return {...counts, ok: well}
  },
})

const raw = join(root, 'coverage', 'raw')
const c8 = (...args) => tool('c8/bin/c8.js', ...args)
const covered = (...folders) => folders.flatMap((folder) => ['--include', `${folder}/**/*.ts`])
const reported = (...args) => c8('report', '--all', '--temp-directory', raw, '--exclude-node-modules', ...args)

/** Runs the Python tests inside the embedded AWS's own environment; pytest is lent to it. */
const localAws = {
  name: 'local-aws',
  run({run, folder}) {
    const result = join(folder, 'local-aws.xml')
    const borrow = `import sys; sys.path.append(${JSON.stringify(packagesOf(pytest()))}); import pytest; sys.exit(pytest.main(sys.argv[1:]))`
    const flags = ['-q', '-p', 'no:cacheprovider', `--junitxml=${result}`]
    const well = run([join(embedded(), 'python'), '-c', borrow, ...flags, 'local-aws/tests'], {
      PYTHONDONTWRITEBYTECODE: '1',
    })
    const report = existsSync(result) ? readFileSync(result, 'utf8') : ''
    const sums = [...report.matchAll(/<testsuite [^>]*>/g)]
    const failures = [...report.matchAll(/name="([^"]*)"[^>]*><(?:failure|error) message="([^"]{0,1500})/g)]
    const sum = (key) =>
      sums.reduce((total, [tag]) => total + Number(new RegExp(` ${key}="(\\d+)"`).exec(tag)?.[1] ?? 0), 0)
    const failed = sum('failures') + sum('errors')
    return {
      passed: sum('tests') - failed - sum('skipped'),
      failed,
      skipped: sum('skipped'),
      failures: failures.map(([, name, why]) => `${name}\n${why}`),
      ok: well,
    }
  },
}

const slow = ['test/templates/**', 'test/e2e/**', 'test/faults/**', 'test/package/**']

export const stages = [
  {
    name: 'build',
    run() {
      build()
      return {passed: 1}
    },
  },
  check('types', tool('typescript/bin/tsc', '--noEmit')),
  check('lint', tool('eslint/bin/eslint.js', '--max-warnings', '0', '.')),
  check('format', tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')),
  check(
    'walls',
    tool('dependency-cruiser/bin/dependency-cruiser.mjs', 'src', 'lambda', '--config', '.dependency-cruiser.cjs'),
  ),
  check('dead-code', tool('knip/bin/knip.js'), tool('knip/bin/knip.js', '--production')),
  mocha('unit', ['test/**/*.test.ts'], {
    ignore: slow,
    wrap: c8('--temp-directory', raw, '--reporter', 'none', '--clean'),
  }),
  check(
    'coverage',
    reported(...covered('src', 'lambda'), '--reporter', 'text-summary', '--check-coverage', '--lines', '85'),
    reported(
      ...covered('src/domain', 'src/flows'),
      ...['--reporter', 'text-summary', '--check-coverage', '--branches', '95', '--lines', '0'],
    ),
  ),
  mocha('templates', ['test/templates/**/*.test.ts'], {surroundings: () => ({PI_AWS_PY_TOOLS: tools()})}),
  localAws,
  mocha('e2e', ['test/{e2e,faults}/**/*.test.ts'], {
    // In CI the command is killed so often that no step is left out.
    surroundings: (ci) => ({PI_AWS_PYTHON_ENV: embedded(), ...(ci ? {PI_AWS_KILLS: '30'} : {})}),
  }),
]

/** Files that are made from others and kept in git. */
const generated = ['oclif.manifest.json', 'README.md', 'docs', 'examples', 'schemas', 'test/golden']

export const ciStages = [
  {
    name: 'generated',
    run({run}) {
      const state = () => new Map(filesUnder(generated).map((file) => [file, hashOf([file])]))
      const before = state()
      const well = run([node, join('scripts', 'generate.js')])
      const after = state()
      const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
        (file) => before.get(file) !== after.get(file),
      )
      for (const file of changed) console.error(`not as generated: ${file} (npm run generate, then commit it)`)
      return well && changed.length === 0 ? {passed: 1} : {failed: 1}
    },
  },
  mocha('package', ['test/package/**/*.test.ts']),
]

/** The environment of every stage: nothing of the operator's AWS, and none of their settings of pi-aws. */
export function isolated(env, home, cache) {
  // How often, and from which seed, tests try what they try by chance.
  const tries = ['PI_AWS_SEED', 'PI_AWS_TEST_SEED', 'PI_AWS_FAULT_RUNS', 'PI_AWS_KILLS']
  const kept = ['PI_AWS_BOOTSTRAPPED', 'PI_AWS_PYTHON', ...tries]
  const ours = Object.entries(env).filter(
    ([name]) => !/^(AWS_|PI_AWS_|GITHUB_|FORCE_COLOR$|NODE_OPTIONS$)/.test(name) || kept.includes(name),
  )
  return {
    ...Object.fromEntries(ours),
    PATH: [join(root, 'node_modules', '.bin'), env.PATH].join(delimiter),
    AWS_CONFIG_FILE: join(home, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'no-aws-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    PI_AWS_CACHE: cache,
    PI_AWS_HOME: home,
  }
}
