import assert from 'node:assert/strict'
import {elementOf} from '../../sigv4/error-text.ts'
import {type Place, placeOf, Places} from '../../sigv4/places.ts'

describe('the place of a bucket', () => {
  it('is what the endpoint rules say, and else that of the client', () => {
    const named = {name: 'sigv4', signingRegion: 'us-west-2', signingName: 's3-object-lambda'}
    const plain = {url: new URL('http://127.0.0.1:4566/bucket/')}
    const told = {url: new URL('https://bucket.s3.amazonaws.com/'), properties: {authSchemes: [named]}}
    const ofMany = {...told, properties: {authSchemes: [{name: 'sigv4a', signingRegionSet: ['*']}]}}
    const words = ({base, region, service, signature}: Place) => [base, region, service, signature]
    assert.deepEqual(words(placeOf(plain, 'eu-west-1')), ['/bucket', 'eu-west-1', 's3', 'sigv4'])
    assert.deepEqual(words(placeOf(told, 'eu-west-1')), ['', 'us-west-2', 's3-object-lambda', 'sigv4'])
    assert.deepEqual(words(placeOf(ofMany, 'eu-west-1')), ['', 'eu-west-1', 's3', 'sigv4a'])
  })

  it('is found out once, and again where it could not be', async () => {
    const asked: string[] = []
    const places = new Places((bucket) => {
      asked.push(bucket)
      if (asked.length === 1) return Promise.reject(new Error('no region'))
      return Promise.resolve(placeOf({url: new URL(`http://${bucket}`)}, 'eu-west-1'))
    })
    await assert.rejects(places.of('one'), /no region/)
    const [first, second] = await Promise.all([places.of('one'), places.of('one'), places.of('two')])
    assert.equal(first, second)
    assert.deepEqual(asked, ['one', 'one', 'two'])
  })
})

describe('the text of an error of S3', () => {
  it('is that of its element, without what XML makes of it', () => {
    const xml = '<Error><Code>NoSuchKey</Code><Message>&lt;a &amp;amp; &quot;b&quot;&gt; &apos;</Message></Error>'
    assert.deepEqual([elementOf(xml, 'Code'), elementOf(xml, 'Message')], ['NoSuchKey', '<a &amp; "b"> \''])
    assert.equal(elementOf(xml, 'Cod'), undefined)
    assert.equal(elementOf('no XML', 'Code'), undefined)
  })
})
