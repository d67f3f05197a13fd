import type {ZipEntry} from '../../domain/function-zip.ts'

/** ZIPs with functions, on this machine. */
export interface FunctionZips {
  /** @throws NotFoundError ZIP_NOT_FOUND; UsageError BAD_FUNCTION_ZIP for one of more than `most` bytes; FailedError ZIP_UNREADABLE */
  read(file: string, most: number): Promise<Uint8Array>
  /** What a ZIP holds by its directory. @throws UsageError BAD_FUNCTION_ZIP for what is none */
  entries(zip: Uint8Array): Promise<readonly ZipEntry[]>
  /**
   * Unpacks everything, in memory and piece by piece, and compares it with its checksums.
   * @returns the text of the file that is asked for
   * @throws UsageError BAD_FUNCTION_ZIP for one that is damaged
   */
  unpack(zip: Uint8Array, wanted: string): Promise<string>
}
