import {
  type BigIntStats,
  close,
  closeSync,
  constants,
  fchmod,
  fchown,
  fstat,
  fstatSync,
  fsync,
  lstat,
  open as openNumber,
  read,
  rename,
  write,
  writeSync,
} from 'node:fs'
import {
  chmod,
  lchown,
  link,
  mkdir,
  open,
  readFile,
  readdir,
  readlink,
  realpath,
  rmdir,
  statfs,
  symlink,
  unlink,
} from 'node:fs/promises'
import {SideloadError, systemCode} from './errors.ts'

export interface Entry {
  readonly kind: 'file' | 'directory' | 'other'
  readonly uid: number
  readonly gid: number
  /** Permission bits only, such as 0o755. */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  readonly modifiedAt: Date
  /** Nanoseconds since 1970, as the file system's own clock has it. */
  readonly modifiedNs: bigint
}

/** A file that is open, until it is disposed of. */
export interface OpenFile extends AsyncDisposable {
  look(): Promise<Entry>
  /** As `look`, of a file whose state this machine knows, since nobody else has it: not a trip to the disk. */
  lookAtOnce(): Entry
  /** Fills `into` from `position`; tells how many bytes there were, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes all of `bytes` at `position`. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Waits until the contents are on the disk. */
  sync(): Promise<void>
  setOwner(uid: number, gid: number): Promise<void>
  setMode(mode: number): Promise<void>
}

/** The calls to the file system that the operations make, so that a test can break off after any of them. */
export interface Files {
  /** Never follows a symbolic link. */
  look(path: string): Promise<Entry>
  names(path: string): Promise<string[]>
  makeDirectory(path: string): Promise<void>
  removeDirectory(path: string): Promise<void>
  removeFile(path: string): Promise<void>
  /** Gives a file a second name. */
  link(from: string, to: string): Promise<void>
  /**
   * Makes a file and opens it for everything; fails with EEXIST where something stands.
   * @param mode permission bits, less those that the process masks
   * @param writes `durable` ones end when all that is known of the file is on the disk, in one call instead of two
   */
  create(path: string, mode?: number, writes?: 'durable'): Promise<OpenFile>
  /** Opens a file for everything as it is, and makes it when it is missing. Never follows a link. */
  openToChange(path: string): Promise<OpenFile>
  /** Never follows a link. */
  openToRead(path: string): Promise<OpenFile>
  setOwner(path: string, uid: number, gid: number): Promise<void>
  setMode(path: string, mode: number): Promise<void>
  rename(from: string, to: string): Promise<void>
  read(path: string): Promise<string>
  /** Writes a file and waits until it is on the disk. */
  writeDurably(path: string, text: string): Promise<void>
  /** Makes a symbolic link; fails with EEXIST where something stands. */
  symlink(target: string, path: string): Promise<void>
  /** What a symbolic link says, as it stands there. */
  linkTarget(path: string): Promise<string>
  /** Waits until the names in a folder are on the disk. */
  settle(folder: string): Promise<void>
  realPath(path: string): Promise<string>
  /** Bytes that we may still write. */
  freeBytes(path: string): Promise<number>
  /** The user we are to the operating system; the file system may see another (an access point's). */
  processUid(): number
}

const anew = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** The file system of this machine. */
export const nodeFiles: Files = {
  look: async (path) => entryOf(await call<BigIntStats>((done) => lstat(path, {bigint: true}, done))),
  names: async (path) => readdir(path),
  makeDirectory: async (path) => mkdir(path, 0o755),
  removeDirectory: async (path) => rmdir(path),
  removeFile: async (path) => unlink(path),
  link: async (from, to) => link(from, to),
  create: async (path, mode = 0o600, writes) =>
    openFile(path, anew | (writes === 'durable' ? constants.O_SYNC : 0), mode, writes === 'durable'),
  openToChange: async (path) => openFile(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600),
  openToRead: async (path) => openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW, 0),
  setOwner: async (path, uid, gid) => lchown(path, uid, gid),
  setMode: async (path, mode) => chmod(path, mode),
  rename: async (from, to) => call((done) => rename(from, to, done)),
  read: async (path) => readFile(path, 'utf8'),
  async writeDurably(path, text) {
    await using file = await open(path, 'w', 0o644)
    await file.writeFile(text)
    await file.sync()
  },
  async settle(folder) {
    await using directory = await open(folder, 'r')
    await directory.sync()
  },
  symlink: async (target, path) => symlink(target, path),
  linkTarget: async (path) => readlink(path),
  realPath: async (path) => realpath(path),
  async freeBytes(path) {
    const {bavail, bsize} = await statfs(path, {bigint: true})
    return Number(bavail * bsize)
  },
  processUid: () => process.getuid?.() ?? 0,
}

function entryOf(found: BigIntStats): Entry {
  return {
    kind: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other',
    uid: Number(found.uid),
    gid: Number(found.gid),
    mode: Number(found.mode & 0o7777n),
    size: Number(found.size),
    modifiedAt: found.mtime,
    modifiedNs: found.mtimeNs,
  }
}

/** Pieces up to this size (bytes) are written at once. */
const smallBytes = 262_144

/**
 * Calls that are made for each file go to the file system without the objects that `node:fs/promises` makes for each: with
 * small files that is a good part of all work.
 */
async function call<T = void>(begin: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    begin((error, value) => {
      if (error === null) resolve(value)
      else reject(error)
    })
  })
}

async function openFile(path: string, flags: number, mode: number, isDurable = false): Promise<OpenFile> {
  const file = await call<number>((done) => openNumber(path, flags, mode, done))
  let [isOpen, isDirty] = [true, false]
  return {
    look: async () => entryOf(await call<BigIntStats>((done) => fstat(file, {bigint: true}, done))),
    lookAtOnce: () => entryOf(fstatSync(file, {bigint: true})),
    read: async (into, position) => call<number>((done) => read(file, into, 0, into.byteLength, position, done)),
    async write(bytes, position) {
      isDirty = !isDurable
      // A small piece is but copied into the memory of the kernel, also over a network: less work than waiting for it.
      let at = isDurable || bytes.byteLength > smallBytes ? 0 : writeSync(file, bytes, 0, bytes.byteLength, position)
      while (at < bytes.byteLength) {
        const [from, rest] = [at, bytes.byteLength - at]
        at += await call<number>((done) => write(file, bytes, from, rest, position + from, done))
      }
    },
    async sync() {
      await call((done) => fsync(file, done))
      isDirty = false
    },
    setOwner: async (uid, gid) => call((done) => fchown(file, uid, gid, done)),
    setMode: async (mode) => call((done) => fchmod(file, mode, done)),
    async [Symbol.asyncDispose]() {
      // A number that is closed twice may be another file's by then.
      if (!isOpen) return
      isOpen = false
      // Without anything to be written first there is nothing to wait for, also over a network.
      if (isDirty) await call((done) => close(file, done))
      else closeSync(file)
    },
  }
}

/** What stands at a path, or undefined of nothing. */
export async function lookFor(path: string, files: Files): Promise<Entry | undefined> {
  return files.look(path).catch(ifMissing(undefined))
}

/** Takes the place of an error which says that nothing is there. */
export function ifMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return instead
    throw error
  }
}

/** Makes a folder of our own, unless it stands. */
export async function ensureOwnFolder(path: string, files: Files): Promise<void> {
  const found = await lookFor(path, files)
  if (found?.kind === 'directory') return
  if (found !== undefined) throw new SideloadError('NOT_A_DIRECTORY', `${path} is no directory`)
  await files.makeDirectory(path).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error
  })
}
