import assert from 'node:assert/strict'
import {join, relative} from 'node:path'
import ts from 'typescript'
import {fixtures, root, shippedFiles} from './project.ts'

function parseConfig(): ts.ParsedCommandLine {
  const file = join(root, 'tsconfig.json')
  const read = ts.readConfigFile(file, (path) => ts.sys.readFile(path))
  assert.equal(read.error, undefined)
  return ts.parseJsonConfigFileContent(read.config, ts.sys, root)
}

/** What the bad file does and the number of the compiler's complaint about it. */
const complaints = {
  'an enum, which type stripping cannot run': 1294,
  'an element taken for granted': 2322,
  'undefined where a field may only be absent': 2375,
  'a parameter without a type': 7006,
  'a dot where the name may not exist': 4111,
}

describe('types', function () {
  this.timeout(60_000)

  const {fileNames, options, errors} = parseConfig()
  const bad = ts.createProgram([join(fixtures, 'types/bad.ts')], options)
  const found = new Map(ts.getPreEmitDiagnostics(bad).map(({code, messageText}) => [code, messageText]))

  for (const [what, code] of Object.entries(complaints)) {
    it(`reject ${what}`, () => {
      assert.ok(found.has(code), `TS${code} not among ${[...found.keys()].join(', ')}`)
    })
  }

  it('look at every file that ships', () => {
    assert.deepEqual(errors, [])
    const seen = new Set(fileNames.map((file) => relative(root, file)))
    assert.deepEqual(
      shippedFiles().filter((file) => !seen.has(file)),
      [],
    )
  })

  it('come from a compiler that the lint tools know', () => {
    // With TypeScript 7 dependency-cruiser looks at no module at all and is content.
    assert.match(ts.version, /^6\.0\./)
  })
})
