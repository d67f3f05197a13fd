import assert from 'node:assert/strict'
import {readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {loadTemplates, parseTemplate, type Template} from './load.ts'
import {rules} from './rules/all.ts'

const bad = join(import.meta.dirname, 'fixtures', 'bad')

/** What a fixture says must be found in it: one `# finds: ...` line for each violation. */
function expected(text: string): readonly string[] {
  return [...text.matchAll(/^# finds: (.+)$/gm)].map((match) => match[1] ?? '')
}

/** A fixture is one template, `app`, unless it says `# template: <id>` before each of several. */
function parseFixture(text: string): readonly Template[] {
  const [, ...marked] = text.split(/^# template: (.+)$/m)
  if (marked.length === 0) return [parseTemplate('app', text)]
  return marked.flatMap((id, index) => (index % 2 === 0 ? [parseTemplate(id, marked[index + 1] ?? '')] : []))
}

describe('our own rules of templates', () => {
  const templates = loadTemplates()

  it('looks at every part and every child', () => {
    const ids = templates.map((template) => template.id)
    for (const part of ['foundation', 'network', 'files', 'database', 'app', 'operations', 'app/service', 'network/zone']) {
      assert.ok(ids.includes(part), `templates/${part}.yaml was not loaded`)
    }
    assert.ok(templates.reduce((sum, template) => sum + template.resources.length, 0) > 150, 'too few resources were seen')
  })

  it('has a bad fixture for each rule and a rule for each fixture', () => {
    const fixtures = readdirSync(bad).map((file) => file.replace(/\.yaml$/, ''))
    assert.deepEqual(fixtures.sort(), rules.map((rule) => rule.name).sort())
  })

  for (const rule of rules) {
    describe(rule.name, () => {
      it('is kept by our templates', () => {
        assert.deepEqual(rule.check(templates), [], rule.why)
      })

      it('is broken by its fixture, finding by finding', () => {
        const text = readFileSync(join(bad, `${rule.name}.yaml`), 'utf8')
        const wanted = expected(text)
        const found = rule.check(parseFixture(text))
        assert.ok(wanted.length > 0, 'the fixture names no finding')
        assert.deepEqual([...found].sort(), [...wanted].sort())
      })
    })
  }
})
