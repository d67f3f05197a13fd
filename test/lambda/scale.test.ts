import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {join} from 'node:path'
import {promisify} from 'node:util'

interface Came {
  readonly copied: number
  readonly skipped: number
  readonly failed: number
  /** Bytes of the longest answer. */
  readonly largest: number
  /** Bodies of assets that were read, and all requests. */
  readonly bodies: number
  readonly requests: number
  /** Assets that were opened on the file system. */
  readonly opened: number
}

describe('100,000 tiny files', () => {
  it('go through in 96 MB of heap, and the second time nothing but names is looked at', async () => {
    const script = join(import.meta.dirname, 'fixtures', 'many-files.ts')
    const {stdout} = await promisify(execFile)(process.execPath, ['--max-old-space-size=96', script, '100000'])
    const {first, second} = JSON.parse(stdout) as {first: Came; second: Came}
    assert.deepEqual([first.copied, first.failed, first.bodies], [100_000, 0, 100_000])
    assert.deepEqual([second.skipped, second.failed, second.bodies, second.opened], [100_000, 0, 0, 0])
    assert.ok(Math.max(first.largest, second.largest) < 10_000)
    // The manifest by ranges of 1 MiB, and whether a slice has results: not a request for each file.
    assert.ok(second.requests < 100, `${second.requests} requests`)
  }).timeout(60_000)
})
