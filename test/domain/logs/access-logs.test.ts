import assert from 'node:assert/strict'
import {
  accessLogDays,
  accessLogFile,
  accessLogFolder,
  accessLogLines,
  mayHold,
} from '../../../src/domain/logs/access-logs.ts'

const at = (text: string): number => Date.parse(text)
const key = `${accessLogFolder('111122223333', 'eu-west-1')}2026/11/22/111122223333_elasticloadbalancing_eu-west-1_app.demo.50dc6c495c0c9188_20261122T0945Z_10.0.0.7_3xm2pq.log.gz`
const line = (time: string): string =>
  `https ${time} app/demo/50dc6c495c0c9188 203.0.113.9:4711 10.0.1.4:8224 0.001 0.731 0.000 200 200 311 9120 "GET https://bi.example.org:443/pi/ HTTP/2.0" "Mozilla" - - - "-" "-" "-" 0 ${time} "forward" "-" "-" "10.0.1.4:8224" "200" "-" "-"`

describe('access logs of a load balancer', () => {
  it('tell by their name which minutes they are of, and which node wrote them', () => {
    const file = accessLogFile(key)
    assert.deepEqual(file, {key, endsAt: at('2026-11-22T09:45:00Z'), stream: 'app.demo.50dc6c495c0c9188/10.0.0.7'})
    assert.equal(accessLogFile('alb/AWSLogs/111122223333/ELBAccessLogTestFile'), undefined)
    assert.equal(accessLogFile(`${key}.part`), undefined)
  })

  it('may hold the five minutes before that, and a minute on each side', () => {
    const file = accessLogFile(key)!
    const rows: readonly (readonly [from: string, to: string, holds: boolean])[] = [
      ['09:00', '09:38', false],
      ['09:00', '09:39', true],
      ['09:46', '10:00', true],
      ['09:47', '10:00', false],
    ]
    for (const [from, to, holds] of rows)
      assert.equal(mayHold(file, at(`2026-11-22T${from}:00Z`), at(`2026-11-22T${to}:00Z`)), holds, `${from} ${to}`)
  })

  it('lie in the folders of days, the one behind midnight included', () => {
    assert.deepEqual(accessLogDays(at('2026-11-30T23:00:00Z'), at('2026-12-02T00:00:00Z')), [
      '2026/11/30/',
      '2026/12/01/',
      '2026/12/02/',
    ])
    assert.deepEqual(accessLogDays(at('2026-11-22T10:00:00Z'), at('2026-11-22T23:55:00Z')), [
      '2026/11/22/',
      '2026/11/23/',
    ])
    assert.deepEqual(accessLogDays(at('2026-11-22T10:00:00Z'), at('2026-11-20T10:00:00Z')), [])
  })

  it('are lines with their time and their number; what has no time is of the end of the file', () => {
    const file = accessLogFile(key)!
    const text = `${line('2026-11-22T09:41:07.123456Z')}\n\nnonsense\n`
    const lines = accessLogLines(file, text, 7)
    assert.deepEqual(
      lines.map(({timestamp, ingestedAt, service, stream, eventId}) => ({
        timestamp,
        ingestedAt,
        service,
        stream,
        eventId,
      })),
      [
        {timestamp: at('2026-11-22T09:41:07.123Z'), eventId: `${key}#1`},
        {timestamp: file.endsAt, eventId: `${key}#3`},
      ].map((one) => ({...one, ingestedAt: 7, service: 'loadbalancer', stream: file.stream})),
    )
    assert.equal(lines[0]?.message, line('2026-11-22T09:41:07.123456Z'))
  })
})
