import assert from 'node:assert/strict'
import {
  howToUpdate,
  presentVersions,
  recordedVersions,
  unraised,
  unrecorded,
  type TemplateVersions,
} from '../../scripts/template-versions.ts'

const one = (version: string, sha256: string): TemplateVersions => ({network: {version, sha256}})

describe('versions of templates', () => {
  it('every change of a template comes with a new version, and is recorded', () => {
    const [present, recorded] = [presentVersions(), recordedVersions()]
    assert.deepEqual(unraised(present, recorded), [], `Changed without a new version. ${howToUpdate}`)
    assert.deepEqual(unrecorded(present, recorded), [], `Not recorded. ${howToUpdate}`)
  })

  it('a change under the same or an older version is found', () => {
    assert.deepEqual(unraised(one('1.0.0', 'b'), one('1.0.0', 'a')), ['network'])
    assert.deepEqual(unraised(one('1.0.9', 'b'), one('1.1.0', 'a')), ['network'])
    assert.deepEqual(unraised(one('1.10.0', 'b'), one('1.9.0', 'a')), [])
    assert.deepEqual(unraised(one('1.0.0', 'a'), one('1.0.0', 'a')), [])
  })

  it('a new, a changed and a removed template are not recorded yet', () => {
    assert.deepEqual(unrecorded(one('1.0.0', 'a'), {}), ['network'])
    assert.deepEqual(unrecorded(one('1.0.1', 'b'), one('1.0.0', 'a')), ['network'])
    assert.deepEqual(unrecorded({}, one('1.0.0', 'a')), ['network'])
  })
})
