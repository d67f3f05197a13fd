/** Files with configurations, on this machine. */
export interface ConfigurationFiles {
  /**
   * Undefined where there is none.
   * @throws UsageError CONFIGURATION_UNREADABLE
   */
  read(path: string): Promise<string | undefined>
  /**
   * Puts another text in the place of a file, whole or not at all. Writers at the same time go one after the other, and
   * `edit` always sees what the one before left.
   * @param edit undefined for a file that is not there; the same text again writes nothing
   * @returns whether anything was written, and what the file holds now
   * @throws RefusedError CONFIGURATION_UNWRITABLE; LockedError CONFIGURATION_BUSY; what `edit` throws
   */
  update(
    path: string,
    edit: (text: string | undefined) => string,
  ): Promise<{readonly changed: boolean; readonly text: string}>
}
