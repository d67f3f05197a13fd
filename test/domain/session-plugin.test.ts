import assert from 'node:assert/strict'
import {installHints, isOlder, oldestPlugin} from '../../src/domain/session-plugin.ts'

describe('the Session Manager plugin', () => {
  it('is named by its package on each system', () => {
    assert.match(installHints('darwin')[0] ?? '', /^brew install/)
    assert.match(installHints('linux')[0] ?? '', /\.deb .* \.rpm/)
    assert.match(installHints('win32')[0] ?? '', /SessionManagerPluginSetup\.exe/)
    assert.equal(installHints('sunos').length, 1)
  })

  for (const [version, older] of [
    ['1.2.497.0', false],
    ['1.2.553.0', false],
    ['1.3', false],
    ['2', false],
    ['1.2.496.9', true],
    ['1.2', true],
    ['0.9.999.0', true],
    ['', true],
    ['unknown', true],
  ] as const)
    it(`${older ? 'is too old' : 'is new enough'}: "${version}"`, () => {
      assert.equal(isOlder(version, oldestPlugin), older)
    })
})
