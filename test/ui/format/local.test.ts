import assert from 'node:assert/strict'
import type {LocalChange} from '../../../src/flows/local/ports.ts'
import {type Layout, loadLayout} from '../../../src/ui/format/layout.ts'
import {
  formatLocalPurge,
  formatLocalReset,
  formatLocalStart,
  formatLocalStatus,
  formatLocalStop,
} from '../../../src/ui/format/local.ts'
import {traitsOf} from '../../../src/ui/theme.ts'

const stopped: LocalChange = {
  running: false,
  changed: false,
  endpoint: null,
  region: 'eu-west-1',
  accountId: '000000000000',
  stateDir: '/state/local',
}
const running: LocalChange = {
  ...stopped,
  running: true,
  changed: true,
  endpoint: 'http://127.0.0.1:4566',
  pid: 42,
  port: 4566,
  pace: 0.02,
  version: '1.0.0',
}

describe('what local commands print', () => {
  let layout: Layout
  before(async () => {
    layout = await loadLayout(traitsOf({}, {LANG: 'C.UTF-8'}))
  })

  it('is where the embedded AWS runs, and what to do with it', () => {
    assert.equal(
      formatLocalStatus(running, layout),
      [
        'The embedded AWS runs',
        '',
        'Endpoint  http://127.0.0.1:4566',
        'Region    eu-west-1',
        'Account   000000000000',
        'Pace      0.02 (0 is instant, 1 as slow as AWS)',
        'Process   42',
        'State     /state/local',
        '',
        'Next steps',
        '  • pi-aws deploy demo --local',
        '  • pi-aws local stop',
        '',
      ].join('\n'),
    )
  })

  it('is what is known of one that does not run', () => {
    const text = formatLocalStatus(stopped, layout)
    assert.match(text, /^The embedded AWS does not run\n[^]*• pi-aws local start\n$/)
    assert.doesNotMatch(text, /Endpoint|Pace|Process|null|undefined/)
  })

  it('tells a change from none', () => {
    const first = (text: string) => text.split('\n')[0]
    assert.deepEqual(
      [
        formatLocalStart(running, layout),
        formatLocalStart({...running, changed: false}, layout),
        formatLocalStop({...stopped, changed: true}, layout),
        formatLocalStop(stopped, layout),
        formatLocalReset(running, layout),
        formatLocalReset(stopped, layout),
      ].map(first),
      [
        'The embedded AWS runs',
        'The embedded AWS: nothing to change',
        'The embedded AWS is stopped',
        'The embedded AWS did not run',
        'The embedded AWS is empty',
        'The embedded AWS was empty',
      ],
    )
  })

  it('names every folder that a purge removed', () => {
    const stateDir = '/state/local'
    assert.equal(
      formatLocalPurge({changed: true, stateDir, removed: [stateDir, '/cache/python/a']}, layout),
      'Removed\n  • /state/local\n  • /cache/python/a\n',
    )
    assert.equal(
      formatLocalPurge({changed: false, stateDir, removed: []}, layout),
      'The embedded AWS: nothing to remove\n',
    )
  })
})
