import {createRequire} from 'node:module'

/**
 * The function as Lambda would run it: loads the bundle that the ZIP holds, prepares a generation if there is none, and asks
 * for slices until the side-load is through. Prints what it came to, and the time without Node's own start.
 *
 *   node function.ts <bundle.cjs> <name of the operation>
 */
interface Answer {
  readonly ok: boolean
  readonly state?: string
  readonly counts?: Readonly<Record<string, number>>
  readonly cursor?: string
  readonly error?: unknown
}

const [, , file = '', opId = ''] = process.argv
const write = process.stdout.write.bind(process.stdout)
// The function's own log is not what is measured here.
process.stdout.write = () => true
const {handler} = createRequire(import.meta.url)(file) as {handler: (event: object) => Promise<Answer>}
await handler({operation: 'prepare', generation: 1})
const counts: Record<string, number> = {}
const begun = performance.now()
let slices = 0
for (let cursor: string | undefined = ''; cursor !== undefined; slices++) {
  const manifest = {key: 'bundles/bench.ndjson'}
  const sliceId = String(slices)
  const answer = await handler({
    operation: 'sideload',
    generation: 1,
    opId,
    sliceId,
    manifest,
    cursor,
    deadlineMs: 120_000,
  })
  if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  for (const [name, count] of Object.entries(answer.counts ?? {})) counts[name] = (counts[name] ?? 0) + count
  cursor = answer.cursor
}
const seconds = (performance.now() - begun) / 1000
const {maxRSS, userCPUTime, systemCPUTime} = process.resourceUsage()
write(JSON.stringify({seconds, slices, counts, memory: maxRSS / 1024, cpu: (userCPUTime + systemCPUTime) / 1e6}))
