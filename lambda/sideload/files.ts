import {chmod, lchown, lstat, mkdir, open, readFile, readdir, realpath, rename, rmdir, statfs} from 'node:fs/promises'

export interface Entry {
  readonly kind: 'file' | 'directory' | 'other'
  readonly uid: number
  readonly gid: number
  /** Permission bits only, such as 0o755. */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  readonly modifiedAt: Date
}

/** The calls to the file system that the operations make, so that a test can break off after any of them. */
export interface Files {
  /** Never follows a symbolic link. */
  look(path: string): Promise<Entry>
  names(path: string): Promise<string[]>
  makeDirectory(path: string): Promise<void>
  removeDirectory(path: string): Promise<void>
  setOwner(path: string, uid: number, gid: number): Promise<void>
  setMode(path: string, mode: number): Promise<void>
  rename(from: string, to: string): Promise<void>
  read(path: string): Promise<string>
  /** Writes a file and waits until it is on the disk. */
  writeDurably(path: string, text: string): Promise<void>
  /** Waits until the names in a folder are on the disk. */
  settle(folder: string): Promise<void>
  realPath(path: string): Promise<string>
  /** Bytes that we may still write. */
  freeBytes(path: string): Promise<number>
  /** The user we are to the operating system; the file system may see another (an access point's). */
  processUid(): number
}

export const nodeFiles: Files = {
  async look(path) {
    const found = await lstat(path)
    return {
      kind: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other',
      uid: found.uid,
      gid: found.gid,
      mode: found.mode & 0o7777,
      size: found.size,
      modifiedAt: found.mtime,
    }
  },
  names: async (path) => readdir(path),
  makeDirectory: async (path) => mkdir(path),
  removeDirectory: async (path) => rmdir(path),
  setOwner: async (path, uid, gid) => lchown(path, uid, gid),
  setMode: async (path, mode) => chmod(path, mode),
  rename: async (from, to) => rename(from, to),
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
  realPath: async (path) => realpath(path),
  async freeBytes(path) {
    const {bavail, bsize} = await statfs(path, {bigint: true})
    return Number(bavail * bsize)
  },
  processUid: () => process.getuid?.() ?? 0,
}
