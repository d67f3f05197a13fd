import {generateKeyPairSync, randomBytes, sign} from 'node:crypto'

/** DER of a value: its tag, the length of its contents, and these. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  const length = body.byteLength < 128 ? [body.byteLength] : [0x82, body.byteLength >> 8, body.byteLength & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...of: readonly Uint8Array[]): Buffer => der(0x30, ...of)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const time = (at: Date): Buffer => der(0x18, Buffer.from(at.toISOString().replaceAll(/[-:T]|\.\d{3}/g, '')))

/**
 * A certificate that signs itself, for servers on loopback, and its key (PEM): made anew, so that no key lies in the project
 * (RFC 5280, 4.1; ECDSA with SHA-256 on P-256).
 * @param names host names and IPv4 addresses that it is for
 */
export function selfSigned(...names: readonly string[]): {readonly cert: string; readonly key: string} {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const algorithm = sequence(oid('2a8648ce3d040302'))
  const name = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from('a test')))))
  const day = 86_400_000
  const alternatives = names.map((each) =>
    /^[\d.]+$/.test(each) ? der(0x87, Buffer.from(each.split('.').map(Number))) : der(0x82, Buffer.from(each)),
  )
  const extensions = sequence(
    sequence(oid('551d11'), der(0x04, sequence(...alternatives))),
    // It is its own authority.
    sequence(oid('551d13'), der(0x04, sequence(der(0x01, Buffer.from([0xff]))))),
  )
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day))),
    name,
    publicKey.export({type: 'spki', format: 'der'}),
    der(0xa3, extensions),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const text = sequence(body, algorithm, signature).toString('base64').replaceAll(/.{64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${text.trim()}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
  }
}
