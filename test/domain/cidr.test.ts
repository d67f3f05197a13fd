import assert from 'node:assert/strict'
import fc from 'fast-check'
import {type Cidr, isPrivate, overlaps, parseCidr, subnetsOf} from '../../src/domain/cidr.ts'

function read(text: string): Cidr {
  const range = parseCidr(text)
  assert(range !== undefined, text)
  return range
}

const octet = fc.integer({min: 0, max: 255})
/** Ranges as text, no bits set behind the prefix. */
const range = fc.tuple(octet, octet, octet, octet, fc.integer({min: 1, max: 32})).map(([a, b, c, d, prefix]) => {
  const size = 2 ** (32 - prefix)
  const address = (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / size
  const first = Math.floor(address) * size
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${prefix}`
})

describe('an address range', () => {
  it('is read whole', () => {
    assert.deepEqual(read('10.20.0.0/16'), {text: '10.20.0.0/16', first: 169_082_880, last: 169_148_415, prefix: 16})
    assert.deepEqual([read('0.0.0.0/0').first, read('0.0.0.0/0').last], [0, 2 ** 32 - 1])
  })

  const unreadable = [
    '',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.1/24',
    '256.0.0.0/8',
    '10.0.0/8',
    '::/0',
    '10.0.0.0/8 ',
    '0x0a.0.0.0/8',
    'a/b',
    '10.0.0.0/-1',
    '10.0.0.0/08',
  ]
  for (const text of unreadable) it(`is not ${JSON.stringify(text)}`, () => assert.equal(parseCidr(text), undefined))

  it('never has a number that one tool reads as octal and another does not', () => {
    assert.equal(parseCidr('010.0.0.0/8'), undefined)
  })

  it('can be read whatever it is', () => {
    fc.assert(
      fc.property(range, (text) => {
        const {first, last, prefix} = read(text)
        assert.equal(last - first + 1, 2 ** (32 - prefix))
      }),
    )
  })

  it('overlaps itself, and another one as that one does it', () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        assert(overlaps(read(a), read(a)))
        assert.equal(overlaps(read(a), read(b)), overlaps(read(b), read(a)))
        const [one, other] = [read(a), read(b)]
        const inside = (x: Cidr, y: Cidr): boolean => x.first >= y.first && x.last <= y.last
        assert.equal(overlaps(one, other), inside(one, other) || inside(other, one), 'ranges nest or stay apart')
      }),
    )
  })

  for (const [text, expected] of [
    ['10.0.0.0/8', true],
    ['10.255.0.0/16', true],
    ['172.16.0.0/12', true],
    ['172.32.0.0/16', false],
    ['192.168.0.0/16', true],
    ['192.0.0.0/8', false],
    ['11.0.0.0/16', false],
    ['100.64.0.0/16', false],
    ['0.0.0.0/0', false],
  ] as const) {
    it(`${text} is ${expected ? '' : 'not '}private`, () => assert.equal(isPrivate(read(text)), expected))
  }

  it('is cut as CloudFormation cuts it', () => {
    assert.deepEqual(subnetsOf('10.20.0.0/16', 3, 12), ['10.20.0.0/20', '10.20.16.0/20', '10.20.32.0/20'])
    assert.deepEqual(subnetsOf('10.9.0.0/22', 2, 6), ['10.9.0.0/26', '10.9.0.64/26'])
  })

  it('is not cut into nothing, nor where it is no range', () => {
    assert.deepEqual(subnetsOf('10.0.0.0/16', 0, 8), [])
    assert.deepEqual(subnetsOf('10.0.0.0/16', Number.NaN, 8), [])
    assert.deepEqual(subnetsOf('VpcCidr', 4, 8), [])
  })

  it('is cut into sixteen subnets that fill it and touch nowhere', () => {
    fc.assert(
      fc.property(fc.integer({min: 16, max: 22}), octet, (prefix, second) => {
        const whole = read(`10.${second}.0.0/${prefix}`)
        const cut = subnetsOf(whole.text, 16, 28 - prefix).map(read)
        assert.equal(cut.length, 16)
        assert.equal(cut[0]?.first, whole.first)
        assert.equal(cut[15]?.last, whole.last)
        for (const [index, one] of cut.entries())
          assert.equal(
            cut.findIndex((other) => overlaps(one, other)),
            index,
          )
      }),
    )
  })
})
