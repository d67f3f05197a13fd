/** Writes one archive of several texts. */
export interface BundleWriter {
  /**
   * @param texts name in the archive -> text
   * @throws FailedError FILE_UNWRITABLE
   */
  write(file: string, texts: ReadonlyMap<string, string>): Promise<void>
}
