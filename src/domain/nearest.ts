import {closest, distance} from 'fastest-levenshtein'

/** The nearest of the words, when it is near enough to be a slip of the fingers. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined
  const found = closest(word, [...words])
  return distance(word.toLowerCase(), found.toLowerCase()) <= Math.max(2, Math.floor(word.length / 3))
    ? found
    : undefined
}
