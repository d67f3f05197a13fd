import {chance} from './chance.ts'

export interface AccessLogPlace {
  readonly account: string
  readonly region: string
}

/** A file as a node of a load balancer leaves it, and when S3 has it. */
export interface WrittenFile {
  readonly key: string
  readonly text: string
  /** ms since 1970. */
  readonly storedAt: number
}

export interface AccessLogWriting extends AccessLogPlace {
  readonly count: number
  /** ms since 1970 of the first request. */
  readonly begin: number
  /** ms over which they are spread. */
  readonly over: number
  readonly nodes: number
  /** Longest time until a file is in S3, ms. */
  readonly late: number
}

const window = 300_000

/**
 * Access logs as an Application Load Balancer writes them: a file for each node and five minutes, lines in the order in
 * which answers ended, each with its number in the path, files a while behind their end.
 */
export function writeAccessLogs(writing: AccessLogWriting, seed = 11): readonly WrittenFile[] {
  const {account, region, count, begin, over, nodes, late} = writing
  const next = chance(seed)
  const files = new Map<string, {readonly endsAt: number; readonly node: number; readonly lines: string[]}>()
  for (let index = 0; index < count; index++) {
    const at = begin + Math.floor((index * over) / count)
    const node = Math.floor(next() * nodes)
    const endsAt = (Math.floor(at / window) + 1) * window
    const file = files.get(`${endsAt}/${node}`) ?? {endsAt, node, lines: []}
    files.set(`${endsAt}/${node}`, file)
    file.lines.push(lineOf(at, index, Math.floor(next() * 900), next() < 0.02 ? 502 : 200))
  }
  return [...files.values()]
    .map(({endsAt, node, lines}) => {
      const iso = new Date(endsAt).toISOString()
      const folder = `alb/AWSLogs/${account}/elasticloadbalancing/${region}/${iso.slice(0, 10).replaceAll('-', '/')}`
      const minute = `${iso.slice(0, 10).replaceAll('-', '')}T${iso.slice(11, 16).replace(':', '')}Z`
      const key = `${folder}/${account}_elasticloadbalancing_${region}_app.demo.50dc6c495c0c9188_${minute}_10.0.${node}.9_${Math.floor(next() * 1e9).toString(36)}.log.gz`
      return {key, text: `${lines.join('\n')}\n`, storedAt: endsAt + Math.floor(next() * late)}
    })
    .toSorted((a, b) => a.storedAt - b.storedAt)
}

function lineOf(at: number, index: number, ms: number, status: number): string {
  const time = `${new Date(at).toISOString().slice(0, -1)}000Z`
  const target = '10.0.11.4:8224'
  return `https ${time} app/demo/50dc6c495c0c9188 203.0.113.${index % 250}:40411 ${target} 0.001 ${(ms / 1000).toFixed(3)} 0.000 ${status} ${status} 311 9120 "GET https://bi.example.org:443/pi/request/${String(index).padStart(6, '0')} HTTP/2.0" "Mozilla/5.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.3 arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/demo/1 "Root=1-0" "bi.example.org" "-" 0 ${time} "forward" "-" "-" "${target}" "${status}" "-" "-" TID_0`
}

/** What an independent reader finds wrong with lines: numbers that are missing, twice, or behind a newer time. */
export function requestsIn(lines: readonly {readonly timestamp: number; readonly message: string}[], count: number) {
  const seen = new Map<number, number>()
  let [disorder, last] = [0, -Infinity]
  for (const {timestamp, message} of lines) {
    const number = Number(/\/pi\/request\/(\d{6}) /.exec(message)?.[1])
    seen.set(number, (seen.get(number) ?? 0) + 1)
    if (timestamp < last) disorder += 1
    last = Math.max(last, timestamp)
  }
  const missing = Array.from({length: count}, (_, index) => index).filter((index) => !seen.has(index)).length
  return {lines: lines.length, missing, twice: [...seen.values()].filter((times) => times > 1).length, disorder}
}
