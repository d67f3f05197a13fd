import assert from 'node:assert/strict'
import {leftBy, Moments, told} from './kill-moments.ts'

/** A journal of as many steps, each with its intent and its end, and one that is only noted. */
function journal(steps: number): readonly {readonly step: string; readonly kind: string}[] {
  const both = Array.from({length: steps}, (_, n) =>
    ['intent', 'done'].map((kind) => ({step: `step${String.fromCharCode(97 + n)}-1`, kind})),
  )
  return [...both.flat(), {step: 'committed', kind: 'done'}]
}

describe('moments of a kill', () => {
  it('hit every step once before any comes twice, whatever the seed', () => {
    const entries = journal(20)
    for (let seed = 0; seed < 200; seed++) {
      const {drawn} = new Moments(entries, {seed, many: 30})
      assert.equal(drawn.length, 30)
      assert.equal(new Set(drawn.slice(0, 21).map(({step}) => step)).size, 21)
      assert.equal(new Set(drawn.map(told)).size, 30, 'and none comes twice')
    }
  })

  it('are the same for the same seed', () => {
    const entries = journal(9)
    const one = new Moments(entries, {seed: 7, many: 12}).drawn
    assert.deepEqual(new Moments(entries, {seed: 7, many: 12}).drawn, one)
    assert.notDeepEqual(new Moments(entries, {seed: 8, many: 12}).drawn, one)
  })

  it('leave steps out where there are fewer of them, and say which', () => {
    const moments = new Moments(journal(20), {seed: 1, many: 10})
    for (const {step} of moments.drawn) moments.hit({behind: '', open: [`${step}-4`]})
    assert.equal(moments.left.length, 11)
    moments.hit({behind: 'committed.done', open: []})
    assert.ok(!moments.left.includes('committed'))
  })

  it('tell between which entries they came', () => {
    const entries = journal(3)
    const moments = new Moments(entries, {seed: 1, many: 4})
    assert.equal(moments.between([]), 'between the start and stepa.intent')
    assert.equal(moments.between(entries.slice(0, 3)), 'between stepb-1.intent and stepb.done, under way: stepb-1')
    assert.equal(moments.between(entries), 'between committed.done and the end')
    assert.deepEqual(leftBy(entries.slice(0, 4)), {behind: 'stepb-1.done', open: []})
  })
})
