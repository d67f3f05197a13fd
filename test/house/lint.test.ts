import assert from 'node:assert/strict'
import {join} from 'node:path'
import {ESLint} from 'eslint'
import {filesUnder} from '../../scripts/bootstrap.js'
import {fixtures, root, shippedFiles} from './project.ts'

const config = join(root, 'eslint.config.js')

/** Each bad file, and the rule that must reject it. */
const rejected: Record<string, string> = {
  'bin/modern.js': 'syntax',
  'src/aws/bare-type-error.ts': 'no-restricted-syntax',
  'src/aws/prints.ts': 'no-console',
  'src/cli/exits.ts': 'no-restricted-syntax',
  'src/domain/bare-error.ts': 'no-restricted-syntax',
  'src/domain/forgets-a-promise.ts': '@typescript-eslint/no-floating-promises',
  'src/domain/makes-time.ts': 'no-restricted-syntax',
  'src/domain/misses-a-case.ts': '@typescript-eslint/switch-exhaustiveness-check',
  'src/domain/more-than-hashes.ts': 'no-restricted-imports',
  'src/domain/reads-environment.ts': 'no-restricted-globals',
  'src/domain/rejects-bare.ts': 'no-restricted-syntax',
  'src/domain/swears-it-is-there.ts': '@typescript-eslint/no-non-null-assertion',
  'src/domain/too-long.ts': 'max-lines',
  'src/domain/trusts-anything.ts': '@typescript-eslint/no-unsafe-member-access',
  'src/flows/common.ts': 'house/no-drawers',
  'src/flows/detour.ts': 'no-restricted-properties',
  'src/flows/prints.ts': 'no-console',
  'src/flows/rolls-dice.ts': 'no-restricted-syntax',
  'src/flows/tells-time.ts': 'no-restricted-syntax',
  'src/flows/waits.ts': 'no-restricted-globals',
  'src/host/knows-a-folder.ts': 'no-restricted-syntax',
  'src/host/takes-a-url-for-a-path.ts': 'no-restricted-syntax',
  'src/host/takes-exec.ts': 'no-restricted-syntax',
  'src/host/uses-a-shell.ts': 'no-restricted-syntax',
  'src/utils/strings.ts': 'house/no-drawers',
  'test/exits.ts': 'no-restricted-syntax',
}

const good = ['src/domain/given-time.ts', 'src/domain/hashes.ts']

describe('lint', function () {
  // The first file waits for the type checker.
  this.timeout(60_000)

  it('rejects every bad fixture by its own rule, and nothing that is good', async () => {
    const cwd = join(fixtures, 'lint')
    const results = await new ESLint({cwd, overrideConfigFile: config}).lintFiles(['.'])
    const found: Record<string, string[]> = {}
    for (const {filePath, messages} of results) {
      found[filePath.slice(cwd.length + 1)] = messages.map(({ruleId}) => ruleId ?? 'syntax')
    }
    assert.deepEqual(Object.keys(found).sort(), [...Object.keys(rejected), ...good].sort())
    for (const [file, rules] of Object.entries(found)) {
      const wanted = rejected[file]
      if (wanted === undefined) assert.deepEqual(rules, [], file)
      else assert.ok(rules.includes(wanted), `${file}: ${wanted} not in ${rules.join(', ')}`)
    }
  })

  it('looks at every file that ships, with the bans of its room', async () => {
    const eslint = new ESLint({cwd: root})
    for (const file of shippedFiles()) {
      assert.equal(await eslint.isPathIgnored(file), false, file)
      const {rules} = (await eslint.calculateConfigForFile(file)) as {rules: Record<string, unknown[] | undefined>}
      assert.ok(JSON.stringify(rules['no-restricted-syntax']).includes('AggregateError'), file)
      assert.equal(rules['no-restricted-globals'] !== undefined, /^src\/(domain|flows)\//.test(file), file)
    }
  })

  it('looks at tests, scripts and bin too', async () => {
    const eslint = new ESLint({cwd: root})
    const files = filesUnder(['test', 'scripts', 'bin']).filter(
      (file) => /\.[jt]s$/.test(file) && !file.includes('/fixtures/'),
    )
    const ignored = await Promise.all(files.map(async (file) => eslint.isPathIgnored(file)))
    assert.deepEqual(
      files.filter((_, index) => ignored[index]),
      [],
    )
  })
})
