/** Files that commands leave on this machine. */
export interface OutputFiles {
  /**
   * Writes beside the place first, so that a file of that name is whole or not there.
   * @param replace whether one that is there already makes room
   * @returns absolute path, bytes and SHA-256 in hex
   * @throws RefusedError FILE_EXISTS; FailedError FILE_UNWRITABLE
   */
  write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    replace: boolean,
  ): Promise<{readonly path: string; readonly bytes: number; readonly sha256: string}>
  /** A folder with those above it; one that is there already is fine. @throws FailedError FILE_UNWRITABLE */
  makeFolder(path: string): Promise<void>
}
