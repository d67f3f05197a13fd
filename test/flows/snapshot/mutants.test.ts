import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {fileURLToPath, pathToFileURL} from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const hook = pathToFileURL(`${root}/test/flows/fixtures/mutate.ts`).href

/** Runs some tests in a process of their own, with something in the sources changed. */
function testsWith(mutations: readonly object[], file: string, name: string): {failed: boolean; output: string} {
  const mocha = `${root}/node_modules/mocha/bin/mocha.js`
  const ran = spawnSync(
    process.execPath,
    ['--import', hook, mocha, '--no-config', '--timeout', '60000', '--bail', `${root}/${file}`, '-g', name],
    {
      cwd: root,
      encoding: 'utf8',
      env: {...process.env, PI_AWS_MUTATIONS: JSON.stringify(mutations)},
    },
  )
  const output = `${ran.stdout}${ran.stderr}`
  assert.match(output, /\d+ (passing|failing)/, output)
  return {failed: ran.status !== 0, output}
}

const crash = 'test/flows/snapshot/crash.test.ts'
const create = 'test/flows/snapshot/create.test.ts'
const resumed = 'resumed, as an undisturbed one \\(live'

/** Faults of ours that would lose data or leave a platform down. */
const cases: readonly (readonly [what: string, file: string, name: string, mutations: readonly object[]])[] = [
  [
    'the release of the services left out',
    create,
    'takes the writers down',
    [{file: 'snapshot/release.ts', from: 'await releaseServices(ports, cluster, counts)', to: ''}],
  ],
  [
    'the manifest written first',
    crash,
    resumed,
    [
      {
        file: 'snapshot/make-set.ts',
        from: 'await objects.putIfAbsent(site.recordsBucket, planKey(id)',
        to: 'await objects.putIfAbsent(site.recordsBucket, manifestKey(id), new Uint8Array()); await objects.putIfAbsent(site.recordsBucket, planKey(id)',
      },
    ],
  ],
  [
    'the loss of the lock ignored',
    create,
    'when its lock was lost',
    [
      {file: 'ledger/operation.ts', from: 'if (this.#lock.lost.aborted) throw lostReason(this.#lock.lost)', to: ''},
      {file: 'ledger/operation.ts', from: 'AbortSignal.any([this.#run.pause, this.#lock.lost])', to: 'this.#run.pause'},
    ],
  ],
]

describe('the tests of snapshots', function () {
  this.timeout(240_000)

  for (const [what, file, name, mutations] of cases) {
    it(`pass as it is and fail with ${what}`, () => {
      const sound = testsWith([], file, name)
      assert.equal(sound.failed, false, sound.output)
      assert.equal(testsWith(mutations, file, name).failed, true)
    })
  }
})
