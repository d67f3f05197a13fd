import assert from 'node:assert/strict'
import {handlerFile, unpackedLimit, type ZipEntry, zipProblems} from '../../src/domain/function-zip.ts'

const index: ZipEntry = {name: 'index.js', kind: 'file', size: 10, mode: 0o644, encrypted: false}
const beside = (changes: Partial<ZipEntry>): readonly string[] =>
  zipProblems([index, {...index, name: 'x', ...changes}])

describe('a zip with a function', () => {
  it('is fit with its handler at the top, whatever else is in it', () => {
    const folder: ZipEntry = {...index, name: 'lib/', kind: 'directory', mode: 0o755, size: 0}
    const entries = [index, folder, {...index, name: 'lib/a b.js', mode: undefined}, {...index, name: 'index.cjs'}]
    assert.deepEqual(zipProblems(entries), [])
    assert.equal(handlerFile(entries), 'index.js')
    assert.equal(handlerFile([{...index, name: 'index.mjs'}]), 'index.mjs')
  })

  it('needs the handler as a file at the top', () => {
    for (const entry of [{...index, name: 'src/index.js'}, {...index, kind: 'directory', mode: 0o755} as const]) {
      assert.equal(zipProblems([entry]).length, 1)
      assert.match(zipProblems([entry])[0] ?? '', /no handler: none of index\.js, index\.mjs, index\.cjs/)
    }
  })

  it('unpacks to 250 MB and not to one byte more', () => {
    assert.deepEqual(beside({size: unpackedLimit - 10}), [])
    assert.deepEqual(beside({size: unpackedLimit - 9}), [
      'it unpacks to 262144001 bytes, of 262144000 that Lambda takes',
    ])
  })

  for (const [changes, why] of [
    [{name: '../x'}, 'leads out of the folder it is unpacked to'],
    [{name: 'a/../../x'}, 'leads out of the folder it is unpacked to'],
    [{name: '/etc/x'}, 'is an absolute path'],
    [{name: 'C:x'}, 'is an absolute path'],
    [{name: 'a\\..\\x'}, 'holds a backslash, which leads elsewhere on some systems'],
    [{name: 'a\0b'}, 'holds a NUL character'],
    [{name: 'a//b'}, 'holds an empty name'],
    [{name: './x'}, 'holds an empty name'],
    [{name: ''}, 'holds an empty name'],
    [{name: 'index.js'}, 'is there twice'],
    [{kind: 'link'}, 'is a link'],
    [{encrypted: true}, 'is encrypted'],
    [{mode: 0o600}, 'may not be read by everybody (mode 600), as Lambda needs it'],
    [{name: 'd/', kind: 'directory', mode: 0o754}, 'may not be read by everybody (mode 754), as Lambda needs it'],
  ] as const) {
    it(`is refused for an entry ${JSON.stringify(changes)}`, () => {
      assert.deepEqual(beside(changes), [`${JSON.stringify('name' in changes ? changes.name : 'x')} ${why}`])
    })
  }
})
