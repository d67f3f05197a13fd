import {once} from 'node:events'
import {existsSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'

/**
 * The function as Lambda would run it: loads the bundle that the ZIP holds, prepares a generation if there is none, says so,
 * and, when a line comes in, asks for slices until a range of the side-load is through. Prints what it came to, and the time
 * without the start of the function, which Lambda has in a phase of its own.
 *
 *   node function.ts <bundle.cjs> <name of the operation> [number of the range] [from] [to]
 */
interface Answer {
  readonly ok: boolean
  readonly state?: string
  readonly counts?: Readonly<Record<string, number>>
  readonly cursor?: string
  readonly error?: unknown
}

const [, , file = '', opId = '', range = '0', from = '', to = ''] = process.argv
const write = process.stdout.write.bind(process.stdout)
// The function's own log is not what is measured here.
process.stdout.write = () => true
const {handler} = createRequire(import.meta.url)(file) as {handler: (event: object) => Promise<Answer>}
await handler({operation: 'prepare', generation: 1})
write('ready\n')
await once(process.stdin, 'data')
process.stdin.pause()
const counts: Record<string, number> = {}
let slices = 0
for (let cursor: string | undefined = ''; cursor !== undefined; slices++) {
  const manifest = {key: 'bundles/bench.ndjson'}
  const sliceId = `${range}-${slices}`
  const answer = await handler({
    operation: 'sideload',
    generation: 1,
    opId,
    sliceId,
    manifest,
    from,
    to,
    cursor,
    deadlineMs: 120_000,
  })
  if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  for (const [name, count] of Object.entries(answer.counts ?? {})) counts[name] = (counts[name] ?? 0) + count
  cursor = answer.cursor
}
const endedAt = performance.timeOrigin + performance.now()
const {maxRSS, userCPUTime, systemCPUTime} = process.resourceUsage()
// What the system calls the most that a process ever had includes its parent's, from which it was forked.
const own = existsSync('/proc/self/status')
  ? /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  : undefined
const memory = Number(own ?? maxRSS) / 1024
write(JSON.stringify({endedAt, slices, counts, memory, cpu: (userCPUTime + systemCPUTime) / 1e6}))
