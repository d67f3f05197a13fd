/** Writes one archive of several texts. */
export interface BundleWriter {
  /**
   * @param texts name in the archive -> text
   * @throws FailedError BUNDLE_NOT_WRITTEN
   */
  write(file: string, texts: ReadonlyMap<string, string>): Promise<void>
}
