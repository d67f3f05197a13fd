import assert from 'node:assert/strict'
import {nextLook} from '../../src/domain/looks.ts'

describe('looks at what AWS does by itself', () => {
  it('come every second at first, then after a tenth of the time so far, and every 15 seconds at last', () => {
    assert.deepEqual(
      [0, 5000, 20_000, 100_000, 3_600_000].map((waited) => nextLook(waited)),
      [1000, 1000, 2000, 10_000, 15_000],
    )
    assert.deepEqual(
      [0, 20_000, 60_000].map((waited) => nextLook(waited, 500, 5000)),
      [500, 2000, 5000],
    )
  })

  it('are late by a second or a tenth, and few', () => {
    for (const takes of [700, 12_000, 130_000, 600_000]) {
      let [now, looks] = [0, 1]
      for (; now < takes; looks += 1) now += nextLook(now)
      assert.ok(now - takes <= Math.max(1000, takes / 10), `${takes} ms were noticed after ${now}`)
      assert.ok(looks < 80, `${looks} looks`)
    }
  })
})
