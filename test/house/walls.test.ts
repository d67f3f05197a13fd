import assert from 'node:assert/strict'
import {join} from 'node:path'
import {cruise, type ICruiseResult} from 'dependency-cruiser'
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import {fixtures, root, shippedFiles} from './project.ts'

async function look(baseDir: string): Promise<ICruiseResult> {
  const options = await extractOptions(join(root, '.dependency-cruiser.cjs'))
  const tsConfig = extractTSConfig(join(root, 'tsconfig.json'))
  const {output} = await cruise(['src', 'lambda', 'sigv4'], {...options, baseDir}, undefined, {tsConfig})
  assert.ok(typeof output === 'object')
  return output
}

/** Each bad file, and the rules that must reject it (a cycle is told at one of its files). */
const rejected = {
  'lambda/sideload/knows-src.ts': ['lambda-stands-alone'],
  'sigv4/knows-src.ts': ['signing-only-computes'],
  'src/aws/calls-a-flow.ts': ['adapters-see-contracts-only'],
  'src/aws/reads-files.ts': ['machine-only-in-host-and-cli'],
  'src/cli/calls-a-command.ts': ['nobody-imports-commands'],
  'src/cli/knows-the-sdk.ts': ['sdk-only-in-aws'],
  'src/cli/makes-an-adapter.ts': ['only-wire-makes-adapters'],
  'src/cli/paints.ts': ['terminal-only-in-ui'],
  'src/cli/wire.ts': ['wire-loads-adapters-lazily'],
  'src/commands/prints.ts': ['commands-call-cli-and-flows'],
  'src/commands/reads.ts': ['commands-stay-thin'],
  'src/domain/asks-a-flow.ts': ['domain-is-pure'],
  'src/domain/circle-a.ts': ['no-cycles'],
  'src/flows/waits.ts': ['flows-see-no-room-but-domain'],
  'src/host/signs.ts': ['signing-only-for-senders'],
  'src/host/asks-ui.ts': ['adapters-do-not-see-each-other'],
  'src/host/knows-tests.ts': ['src-ships-alone'],
  'src/host/leads-nowhere.ts': ['no-unresolved'],
  'src/ui/knows-cli.ts': ['adapters-do-not-see-each-other', 'cli-is-above-everything'],
  'src/ui/takes-ports-by-value.ts': ['adapters-see-flows-as-types'],
}

describe('the walls between the rooms', () => {
  it('reject every bad fixture by its own rule, and nothing that is good', async () => {
    const {summary} = await look(join(fixtures, 'walls'))
    const found: Record<string, string[]> = {}
    for (const {from, rule} of summary.violations) {
      const rules = (found[from] ??= [])
      if (!rules.includes(rule.name)) rules.push(rule.name)
      rules.sort()
    }
    assert.deepEqual(found, rejected)
  })

  it('have a bad fixture for each rule', async () => {
    const {ruleSet} = await extractOptions(join(root, '.dependency-cruiser.cjs'))
    const names = ruleSet?.forbidden?.map(({name}) => name) ?? []
    assert.deepEqual([...new Set(Object.values(rejected).flat())].sort(), names.sort())
  })

  it('stand, and look at every file of src, lambda and sigv4', async () => {
    const {modules, summary} = await look(root)
    const seen = new Set(modules.map(({source}) => source))
    const missed = shippedFiles().filter((file) => !seen.has(file))
    assert.deepEqual(missed, [])
    assert.deepEqual(
      summary.violations.map(({from, rule, to}) => `${rule.name}: ${from} -> ${to}`),
      [],
    )
  })
})
