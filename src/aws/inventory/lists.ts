import type {Thing, ThingList} from '../../domain/quotas/model.ts'

/** Asks for one list, page by page. */
export type Lister = (parents: readonly string[]) => Promise<readonly Thing[]>
export type Listers = Readonly<Partial<Record<ThingList, Lister>>>

/** A thing that counts as one. */
export function one(id: string | undefined, within = '', more: Partial<Thing> = {}): Thing {
  return {id: id ?? '', within, amount: 1, ...more}
}

/** Every page of a list, its items turned into things. */
export async function folded<Page>(
  pages: AsyncIterable<Page>,
  things: (page: Page) => readonly Thing[] | Promise<readonly Thing[]>,
): Promise<readonly Thing[]> {
  const all: Thing[] = []
  for await (const page of pages) all.push(...(await things(page)))
  return all
}

/** The lists of several parents, one after the other. */
export async function ofEach(
  parents: readonly string[],
  list: (parent: string) => Promise<readonly Thing[]>,
): Promise<readonly Thing[]> {
  const all: Thing[] = []
  for (const parent of parents) all.push(...(await list(parent)))
  return all
}
