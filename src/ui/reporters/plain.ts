import type {FlowEvent} from '../../flows/events.ts'
import {formatDuration} from '../format/layout.ts'
import {transferShare, transferText} from '../format/transfer.ts'
import {oneLine} from '../format/visible.ts'
import {writerFor} from '../stream.ts'
import {inTheOpen, type Output, type Reporter, type ReporterOptions} from './reporter.ts'
import {isAboutStack, phaseOf, resourceKey, resourceName} from './words.ts'

type StackEvent = Extract<FlowEvent, {type: 'stack.event'}>

/** A resource that took this long is worth a line when it is done. Milliseconds. */
const slow = 60_000

/** What earlier lines said, as far as later ones depend on it. */
interface Memory {
  /** Stack -> tenths of the progress that were told. */
  readonly tenths: Map<string, number>
  /** Tenths of the transfer that were told. */
  transferred: number
  /** Resource -> when work on it began, by CloudFormation's clock. */
  readonly begun: Map<string, number>
  /** Service -> its last message; ECS repeats itself. */
  readonly said: Map<string, string>
}

/** Kind, part and text of a line. */
type Line = readonly [word: string, part: string, text: string]

const nobody = '-'

function progressLine(
  {part, stack, done, total}: Extract<FlowEvent, {type: 'stack.progress'}>,
  memory: Memory,
): Line | undefined {
  const tenth = total > 0 ? Math.floor((done * 10) / total) : 0
  if (tenth <= (memory.tenths.get(stack) ?? 0)) return undefined
  memory.tenths.set(stack, tenth)
  return ['progress', part, `${done} of ${total} resources (${Math.floor((done * 100) / total)} %)`]
}

function transferLine(event: Extract<FlowEvent, {type: 'transfer.progress'}>, memory: Memory): Line | undefined {
  const percent = transferShare(event)
  const tenth = Math.floor(percent / 10)
  // Fewer than before: another transfer has begun.
  if (tenth === memory.transferred) return undefined
  memory.transferred = tenth
  return ['progress', nobody, `${transferText(event)} (${percent} %)`]
}

function resourceLine(event: StackEvent, memory: Memory, verbose: boolean): Line | undefined {
  const key = resourceKey(event)
  const at = Date.parse(event.at)
  const phase = phaseOf(event)
  const begun = memory.begun.get(key)
  if (phase === 'working') memory.begun.set(key, begun ?? at)
  else memory.begun.delete(key)
  const took = begun === undefined ? 0 : at - begun
  const worthALine = phase === 'failed' || (phase === 'complete' && took >= slow && !isAboutStack(event))
  if (!verbose && !worthALine) return undefined
  const duration = phase === 'complete' && took >= slow ? ` after ${formatDuration(took)}` : ''
  const reason = event.reason === undefined ? '' : `: ${event.reason}`
  return ['resource', event.part, `${resourceName(event)} (${event.resourceType}) ${event.status}${duration}${reason}`]
}

function lineOf(event: FlowEvent, memory: Memory, verbose: boolean): Line | undefined {
  switch (event.type) {
    case 'operation.started':
      return ['operation', nobody, `${event.kind} ${event.environment} (${event.opId})`]
    case 'operation.paused':
      return ['paused', nobody, `${event.opId}: ${event.reason}`]
    case 'step.started':
      return ['start', event.part ?? nobody, event.title]
    case 'step.finished': {
      const detail = event.detail === undefined ? '' : `: ${event.detail}`
      return [event.outcome, event.part ?? nobody, `${event.title}${detail} (${formatDuration(event.durationMs)})`]
    }
    case 'step.failed':
      return ['failed', event.part ?? nobody, `${event.title}: ${event.message} (${formatDuration(event.durationMs)})`]
    case 'stack.progress':
      return progressLine(event, memory)
    case 'transfer.progress':
      return transferLine(event, memory)
    case 'file.result':
      return event.result === 'failed' || verbose
        ? [event.result, nobody, `${event.path}${event.reason === undefined ? '' : `: ${event.reason}`}`]
        : undefined
    case 'stack.event':
      return resourceLine(event, memory, verbose)
    case 'service.event':
      if (memory.said.get(event.service) === event.message) return undefined
      memory.said.set(event.service, event.message)
      return ['service', nobody, `${event.service}: ${event.message}`]
    case 'note':
      return ['note', nobody, event.message]
    case 'warning':
      return ['warning', nobody, `${event.message} [${event.code}]`]
  }
}

/** `hh:mm:ssZ  word  part  text`, one line an event, in columns that grep and a person can use. */
export function plainReporter(out: Output, {verbose = false, now = Date.now}: ReporterOptions): Reporter {
  const writer = writerFor(out.stderr)
  const memory: Memory = {tenths: new Map(), transferred: 0, begun: new Map(), said: new Map()}
  let finished = false
  return {
    report(event) {
      if (finished && event.type !== 'warning') return
      const line = lineOf(event, memory, verbose)
      if (!line) return
      const [word, part, text] = line
      const time = new Date(now()).toISOString().slice(11, 19)
      writer.write(`${time}Z  ${word.padEnd(9)}  ${part.padEnd(10)}  ${oneLine(text)}\n`)
    },
    aside: inTheOpen,
    finish() {
      finished = true
      return writer.flush()
    },
  }
}
