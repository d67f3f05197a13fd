import assert from 'node:assert/strict'
import {World} from './world.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('the fake S3', () => {
  function bucket() {
    const world = new World()
    world.state.buckets.set('b', new Map())
    return {world, objects: world.aws.objects}
  }

  it('writes where there is nothing, over exactly one object, and not otherwise', () => {
    const {objects} = bucket()
    const first = objects.putIfAbsent('b', 'k', bytes('1'))
    assert.ok(first.written)
    assert.deepEqual(objects.putIfAbsent('b', 'k', bytes('2')), {written: false})
    const second = objects.putIfMatch('b', 'k', bytes('3'), first.etag)
    assert.ok(second.written && second.etag !== first.etag)
    assert.deepEqual(objects.putIfMatch('b', 'k', bytes('4'), first.etag), {written: false})
    assert.equal(objects.deleteIfMatch('b', 'k', first.etag), false)
    assert.equal(objects.deleteIfMatch('b', 'k', second.etag), true)
    assert.equal(objects.get('b', 'k'), undefined)
  })

  it('gives equal content written twice two etags: one write is not the other', () => {
    const {objects} = bucket()
    assert.notEqual(objects.put('b', 'k', bytes('1')), objects.put('b', 'k', bytes('1')))
  })

  it('tells times by its own clock', () => {
    const {world, objects} = bucket()
    world.serverSkew = 60_000
    objects.put('b', 'k', bytes('1'))
    world.clock.pass(5000)
    const found = objects.get('b', 'k')
    assert.equal(found?.lastModified.getTime(), world.clock.time + 55_000)
    assert.equal(found?.serverTime.getTime(), world.clock.time + 60_000)
  })

  it('lists ascending, and a bucket that is not there is empty to read and refuses to be written', () => {
    const {objects} = bucket()
    for (const key of ['a/2', 'b/1', 'a/1']) objects.put('b', key, bytes(key))
    assert.deepEqual(
      objects.list('b', 'a/').map(({key}) => key),
      ['a/1', 'a/2'],
    )
    assert.deepEqual(objects.list('none', ''), [])
    assert.throws(() => objects.put('none', 'k', bytes('1')), {code: 'AWS_NO_SUCH_BUCKET'})
  })

  it('deletes only an empty bucket', () => {
    const {world, objects} = bucket()
    objects.put('b', 'k', bytes('1'))
    assert.throws(() => objects.deleteBucket('b'), {code: 'AWS_BUCKET_NOT_EMPTY'})
    assert.equal(objects.empty('b'), 1)
    objects.deleteBucket('b')
    objects.deleteBucket('b')
    assert.equal(world.state.buckets.size, 0)
  })
})
