const pairs: Readonly<Record<string, string>> = {'[': ']', '{': '}', '(': ')'}

/** Where the first quote or bracket opens that nothing closes, or closes that nothing opened. */
function unbalanced(filter: string): number | undefined {
  const open: {readonly at: number; readonly wants: string}[] = []
  let quote: {readonly at: number; readonly sign: string} | undefined
  for (let at = 0; at < filter.length; at++) {
    const sign = filter.charAt(at)
    if (quote !== undefined) {
      if (sign === '\\') at += 1
      else if (sign === quote.sign) quote = undefined
    } else if (sign === '"' || sign === '%') quote = {at, sign}
    else if (pairs[sign] !== undefined) open.push({at, wants: pairs[sign]})
    else if (Object.values(pairs).includes(sign) && open.pop()?.wants !== sign) return at
  }
  return quote?.at ?? open.at(-1)?.at
}

/**
 * The place in a filter pattern that CloudWatch's refusal is about, from 0: the position it names, the term it quotes, or
 * else the first quote or bracket without a partner. Undefined when nothing tells.
 */
export function refusedAt(filter: string, refusal: string): number | undefined {
  const position = /(?:position|index|column|offset|char(?:acter)?(?: at)?)\D{0,3}(\d+)/i.exec(refusal)?.[1]
  if (position !== undefined && Number(position) < filter.length) return Number(position)
  for (const [, double, single] of refusal.matchAll(/"([^"]+)"|'([^']+)'/g)) {
    const term = double ?? single ?? ''
    const at = filter.indexOf(term)
    if (at !== -1 && term !== filter) return at
  }
  return unbalanced(filter)
}

/** The line of a text that holds a place, with a caret below it, as two lines; the text alone where no place is known. */
export function pointedAt(text: string, at: number | undefined): string {
  if (at === undefined || at < 0 || at > text.length) return text
  const before = text.slice(0, at).split('\n')
  const line = text.split('\n')[before.length - 1] ?? ''
  return `${line}\n${' '.repeat(before.at(-1)?.length ?? 0)}^`
}

/** The filter with a caret below the place that a refusal is about. */
export function pointed(filter: string, refusal: string): string {
  return pointedAt(filter, refusedAt(filter, refusal))
}
