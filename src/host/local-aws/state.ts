import {createHash} from 'node:crypto'
import {mkdir, readdir, readFile, realpath, rename, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {RefusedError} from '../../domain/errors.ts'
import type {LocalMemory, LocalState, ServerRecord} from '../../flows/local/ports.ts'
import type {Clock, Machine} from '../../flows/ports.ts'
import {FolderLock} from '../folder-lock.ts'
import {createFile, replaceFile} from '../whole-file.ts'

const service = 'pi-aws-local'
/** The file that makes a folder ours. Nothing is ever removed where it is missing. */
export const markerName = 'pi-aws-local.json'
const lockName = 'lock'
/** What a reset of a server that does not run leaves: all else in the folder is data. */
const notData = [markerName, lockName, 'server.lock', 'server.json', 'server.log', 'server.previous.log']

interface Marker {
  readonly service: typeof service
  readonly id: string
  readonly port?: number
  readonly region?: string
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Names in a folder; undefined when there is no folder. */
async function namesIn(dir: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The folder of one embedded AWS on disk. */
export class LocalFolder implements LocalState {
  readonly dir: string
  readonly #lock: FolderLock

  /** @param dir absolute; made when first claimed */
  constructor(dir: string, machine: Machine, clock: Clock) {
    this.dir = dir
    this.#lock = new FolderLock(join(dir, lockName), machine, clock)
  }

  async memory(): Promise<LocalMemory | undefined> {
    const marker = await this.#marker()
    if (marker === undefined) return undefined
    const {id, port, region} = marker
    return {
      instanceId: await this.#instanceId(id),
      ...(port === undefined ? {} : {port}),
      ...(region === undefined ? {} : {region}),
    }
  }

  async claim(id: string): Promise<LocalMemory> {
    const found = await this.memory()
    if (found !== undefined) return found
    await mkdir(this.dir, {recursive: true, mode: 0o700})
    const marker: Marker = {service, id}
    const handle = await createFile(join(this.dir, markerName), JSON.stringify(marker))
    await handle?.close()
    return this.claim(id)
  }

  async remember(port: number, region: string): Promise<void> {
    const marker = await this.#marker()
    if (marker === undefined) throw this.#notOurs()
    await replaceFile(join(this.dir, markerName), JSON.stringify({...marker, port, region} satisfies Marker))
  }

  async server(): Promise<ServerRecord | undefined> {
    const record = (await readJson(join(this.dir, 'server.json'))) as Partial<ServerRecord> | undefined
    const whole = Number.isInteger(record?.pid) && Number.isInteger(record?.port)
    return whole ? (record as ServerRecord) : undefined
  }

  recordServer(record: ServerRecord): Promise<void> {
    return replaceFile(join(this.dir, 'server.json'), JSON.stringify(record))
  }

  forgetServer(): Promise<void> {
    return rm(join(this.dir, 'server.json'), {force: true})
  }

  tryLock() {
    return this.#lock.tryTake()
  }

  async lastLines(count: number): Promise<readonly string[]> {
    const text = await readFile(join(this.dir, 'server.log'), 'utf8').catch(() => '')
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-count)
  }

  async clearFileSystems(): Promise<void> {
    const names = (await namesIn(join(this.dir, 'efs'))) ?? []
    await Promise.all(names.map((name) => rm(join(this.dir, 'efs', name), {recursive: true, force: true})))
  }

  async clearData(): Promise<boolean> {
    const present = ((await namesIn(this.dir)) ?? []).filter((name) => !notData.includes(name))
    await Promise.all(present.map((name) => rm(join(this.dir, name), {recursive: true, force: true})))
    return present.length > 0
  }

  async remove(): Promise<boolean> {
    const names = await namesIn(this.dir)
    if (names === undefined) return false
    await this.#marker()
    // Renamed first: nobody meets a folder that is half gone, and what a killed purge left is found by its name.
    const real = await realpath(this.dir)
    const [parent, prefix] = [dirname(real), `${basename(real)}.removed-`]
    await rename(real, join(parent, `${prefix}${process.pid}-${Date.now()}`))
    const old = (await readdir(parent)).filter((name) => name.startsWith(prefix))
    await Promise.all(old.map((name) => rm(join(parent, name), {recursive: true, force: true})))
    if (real !== this.dir) await rm(this.dir, {force: true})
    return true
  }

  /** Undefined when the folder is missing or empty. */
  async #marker(): Promise<Marker | undefined> {
    const marker = (await readJson(join(this.dir, markerName))) as Partial<Marker> | undefined
    if (marker?.service === service && typeof marker.id === 'string') return marker as Marker
    const names = (await namesIn(this.dir)) ?? []
    // A purge that others waited for leaves a lock without a marker; a killed claim, a marker under a temporary name.
    if (names.some((name) => name !== lockName && !name.startsWith(markerName))) throw this.#notOurs()
    return undefined
  }

  /** The id with the folder's real place in it, so that a copied folder never takes the original's server for its own. */
  async #instanceId(id: string): Promise<string> {
    const place = createHash('sha256').update(await realpath(this.dir))
    return `${id}-${place.digest('hex').slice(0, 8)}`
  }

  #notOurs(): RefusedError {
    return new RefusedError(`${this.dir} holds files that are not an embedded AWS's; it is left alone.`, {
      code: 'LOCAL_FOLDER_NOT_OURS',
      suggestions: ['Name another folder in PI_AWS_HOME'],
    })
  }
}
