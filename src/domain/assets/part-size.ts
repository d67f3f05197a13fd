const mebibyte = 1024 * 1024

/** Files from this size (bytes) travel in parts. */
export const partsFrom = 16 * mebibyte

/**
 * Bytes of each part but the last: the same for the same size, so that a broken upload can be taken up again. At most
 * 10,000 parts (S3 user guide, multipart limits).
 */
export function partSizeOf(size: number): number {
  const least = Math.ceil(size / 10_000)
  return Math.max(8 * mebibyte, Math.ceil(least / mebibyte) * mebibyte)
}
