import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {FlowEvent} from '../../../src/flows/events.ts'
import {parts} from '../../../src/domain/parts.ts'
import {displayWidth} from '../../../src/ui/format/width.ts'
import {type Board, emptyBoard, record} from '../../../src/ui/reporters/board.ts'
import {frame, type Surface} from '../../../src/ui/reporters/frame.ts'
import {loadTheme, plainTheme, symbolsFor} from '../../../src/ui/theme.ts'
import {matchesGolden} from '../../helpers/golden.ts'
import {recordedDeploy, recordedStart} from '../../helpers/recorded-deploy.ts'
import {recordedUpload} from '../../helpers/recorded-upload.ts'

const surface: Surface = {
  theme: plainTheme,
  symbols: symbolsFor({unicode: true}),
  width: 80,
  height: 22,
  now: recordedStart,
}

/** The recorded deploy after so many seconds. */
function boardAt(second: number): Board {
  const board = emptyBoard()
  for (const {at, event} of recordedDeploy) if (at <= second * 1000) record(board, event, recordedStart + at)
  return board
}

function textAt(second: number, settings: Partial<Surface> = {}): string {
  const lines = frame(boardAt(second), {...surface, now: recordedStart + second * 1000, ...settings})
  return lines.map((line) => `${line}\n`).join('')
}

function lastFrame(settings: Partial<Surface> = {}): string {
  const {height: _, ...endless} = surface
  return frame(boardAt(600), {...endless, now: recordedStart + 542_000, ...settings})
    .map((line) => `${line}\n`)
    .join('')
}

describe('a frame of the live list', () => {
  for (const [name, second] of [
    ['begin', 1],
    ['side-by-side', 190],
    ['services', 441],
    ['rolling-back', 521],
    ['failed', 542],
  ] as const) {
    for (const width of [80, 200]) {
      it(`shows ${name.replaceAll('-', ' ')} in ${width} columns`, () =>
        matchesGolden(`ui/tasks-${name}-${width}.txt`, textAt(second, {width})))
    }
  }

  for (const width of [80, 200])
    it(`shows a transfer in ${width} columns`, () => {
      const board = emptyBoard()
      for (const {at, event} of recordedUpload) if (at <= 1500) record(board, event, recordedStart + at)
      const lines = frame(board, {...surface, width, now: recordedStart + 1500})
      matchesGolden(`ui/tasks-transfer-${width}.txt`, lines.map((line) => `${line}\n`).join(''))
    })

  for (const width of [80, 200])
    it(`shows everything at the end, in ${width} columns`, () =>
      matchesGolden(`ui/tasks-end-${width}.txt`, lastFrame({width})))

  it('is coloured by meaning', async () =>
    matchesGolden('ui/tasks-end-colour.txt', lastFrame({theme: await loadTheme({color: true})})))

  it('does with ASCII', () => {
    const text = lastFrame({symbols: symbolsFor({unicode: false})})
    assert.match(text, /^[\u0000-\u007f]+$/)
  })

  it('cuts nothing at the end, not even in a narrow terminal', () => {
    const words = lastFrame({width: 50}).replaceAll(/\s+/g, ' ')
    for (const sentence of [
      'ranges and certificate',
      '12 objects were there already',
      '(HandlerErrorCode: GeneralServiceException)',
      'ops resume goes on from there',
    ]) {
      assert.ok(words.includes(sentence), `${sentence} is missing:\n${words}`)
    }
    assert.doesNotMatch(words, /…/)
  })

  it('names the resource of a nested stack with its path', () => {
    assert.match(textAt(400), /├ Pirana\.Service {2}ECS::Service {2}CREATE_IN_PROGRESS {2}\+1 more/)
  })

  it('says which steps did not come to their end', () => {
    const {height: _, ...endless} = surface
    const lines = frame(boardAt(190), {...endless, now: recordedStart + 190_000})
    assert.equal(lines.filter((line) => line.includes('not finished')).length, 2)
  })

  it('gives way step by step as the screen gets lower', () => {
    for (const [height, expected] of [
      [22, /Prepare generation 1/],
      [15, /2 steps/],
      [9, /9 steps/],
      [3, /more row/],
    ] as const) {
      const text = textAt(441, {height})
      assert.match(text, expected, `height ${height}:\n${text}`)
      assert.ok(text.split('\n').length - 1 <= height)
    }
  })
})

const text = fc.oneof(
  fc.string({unit: 'binary', maxLength: 30}),
  fc.constantFrom('\u001b[2J', 'a\nb', '\r\u0007', '価格'.repeat(60), 'word '.repeat(60)),
)
const part = fc.constantFrom(...parts)
const step = fc.constantFrom('a', 'b', 'c', 'd')
const event = fc.oneof(
  fc.record({type: fc.constant('step.started' as const), step, title: text, part}),
  fc.record({type: fc.constant('step.started' as const), step, title: text}),
  fc.record({
    type: fc.constant('step.finished' as const),
    step,
    title: text,
    part,
    outcome: fc.constantFrom('done' as const, 'skipped' as const),
    durationMs: fc.nat(),
    detail: text,
  }),
  fc.record({type: fc.constant('step.failed' as const), step, title: text, part, durationMs: fc.nat(), message: text}),
  fc.record({
    type: fc.constant('stack.event' as const),
    part,
    stack: text,
    logicalId: text,
    resourceType: text,
    status: fc.oneof(text, fc.constantFrom('CREATE_IN_PROGRESS', 'CREATE_FAILED', 'CREATE_COMPLETE')),
    reason: text,
    at: text,
  }),
  fc.record({type: fc.constant('stack.progress' as const), part, stack: text, done: fc.nat(100), total: fc.nat(100)}),
  fc.record({type: fc.constant('service.event' as const), service: text, message: text, at: text}),
  fc.record({type: fc.constant('note' as const), message: text}),
  fc.record({type: fc.constant('warning' as const), code: text, message: text}),
  fc.record({type: fc.constant('operation.started' as const), opId: text, kind: text, environment: text}),
  fc.record({type: fc.constant('operation.paused' as const), opId: text, reason: text}),
) as fc.Arbitrary<FlowEvent>

describe('any frame of any events', () => {
  it('keeps within the terminal, and shows no control character', () => {
    fc.assert(
      fc.property(
        fc.array(event, {maxLength: 40}),
        fc.integer({min: 40, max: 200}),
        fc.integer({min: 3, max: 60}),
        fc.boolean(),
        (events, width, height, last) => {
          const board = emptyBoard()
          for (const one of events) record(board, one, recordedStart)
          const {height: _, ...endless} = surface
          const lines = frame(board, last ? {...endless, width} : {...endless, width, height})
          if (!last) assert.ok(lines.length <= height, `${lines.length} rows of ${height}`)
          for (const line of lines) {
            assert.ok(displayWidth(line) < width, `${displayWidth(line)} columns of ${width}: ${line}`)
            assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
          }
        },
      ),
      {numRuns: 500},
    )
  })
})
