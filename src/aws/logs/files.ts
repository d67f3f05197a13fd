import {promisify} from 'node:util'
import {gunzip} from 'node:zlib'
import {FailedError} from '../../domain/errors.ts'
import type {LogFiles} from '../../flows/telemetry/ports.ts'
import {createObjects} from '../s3.ts'
import type {ClientConfig} from '../settings.ts'

/** A file that claims to be larger than that was not written by AWS, bytes. */
const mostText = 256 * 1024 * 1024

const unpack = promisify(gunzip)

/** Log files in S3. */
export function createLogFiles(config: ClientConfig): LogFiles {
  const objects = createObjects(config)
  return {
    async list(bucket, prefix) {
      const found = await objects.list(bucket, prefix)
      return found.map(({key, lastModified}) => ({key, storedAt: lastModified.getTime()}))
    },
    async text(bucket, key) {
      const found = await objects.get(bucket, key)
      if (found === undefined) return undefined
      const body = Buffer.from(found.body)
      if (body[0] !== 0x1f || body[1] !== 0x8b) return body.toString('utf8')
      try {
        return (await unpack(body, {maxOutputLength: mostText})).toString('utf8')
      } catch (error) {
        throw new FailedError(`${key} is damaged: it cannot be unpacked.`, {code: 'LOG_FILE_UNREADABLE', cause: error})
      }
    },
  }
}
