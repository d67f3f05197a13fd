/** Where files begin to be treated in another way; tests take smaller ones. */
export interface Sizes {
  /** Bytes that one request asks for. Larger files are fetched in parts, and may go over several invocations. */
  readonly part: number
  /**
   * Files up to this size (bytes) are hashed by the runtime, and what is there of a broken-off one is hashed again,
   * which takes seconds. Beyond it the state of the hash is saved, so that every invocation gets further.
   */
  readonly rehash: number
}

export const usualSizes: Sizes = {part: 8 * 1_048_576, rehash: 1_073_741_824}
