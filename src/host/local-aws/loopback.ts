import {randomInt} from 'node:crypto'
import {Agent, request} from 'node:http'
import {connect, createServer} from 'node:net'
import {FailedError} from '../../domain/errors.ts'
import type {LocalHealth, PortAnswer} from '../../flows/local/ports.ts'

export const loopback = '127.0.0.1'
const service = 'pi-aws-local'
/** More than any answer of ours (bytes); a foreign program may send without end. */
const answerLimit = 64 * 1024

interface Answer {
  readonly status: number
  readonly text: string
}

interface Call {
  readonly port: number
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** For the whole exchange. */
  readonly timeoutMs: number
}

/** One request to this machine, around any proxy that the environment names. Rejects with Node's error. */
function send({port, method, path, body, timeoutMs}: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)}
    const signal = AbortSignal.timeout(timeoutMs)
    const sent = request({host: loopback, port, method, path, headers, signal, agent: new Agent()}, (response) => {
      let received = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        received += chunk
        if (received.length > answerLimit) response.destroy()
      })
      response.on('error', reject)
      response.on('close', () => resolve({status: response.statusCode ?? 0, text: received}))
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

function healthIn({status, text}: Answer): LocalHealth | undefined {
  if (status !== 200) return undefined
  try {
    const health = JSON.parse(text) as LocalHealth & {readonly service?: unknown}
    return health.service === service && Number.isInteger(health.pid) ? health : undefined
  } catch {
    return undefined
  }
}

/** What a port of this machine says when it is asked whether it is an embedded AWS. */
export async function ask(port: number, timeoutMs: number): Promise<PortAnswer> {
  try {
    const health = healthIn(await send({port, method: 'GET', path: '/_pi/health', timeoutMs}))
    return health === undefined ? {kind: 'foreign'} : {kind: 'health', health}
  } catch (error) {
    const {code, name} = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED') return {kind: 'refused'}
    // One that dies as we ask resets the connection.
    const isSilent = code === 'ECONNRESET' || name === 'AbortError' || name === 'TimeoutError'
    return {kind: isSilent ? 'silent' : 'foreign'}
  }
}

/**
 * Has the embedded AWS do something.
 * @throws FailedError LOCAL_CALL_FAILED
 */
export async function tell(call: Call): Promise<void> {
  const failed = (why: string, cause?: unknown) =>
    new FailedError(`The embedded AWS did not do ${call.method} ${call.path}: ${why}.`, {
      code: 'LOCAL_CALL_FAILED',
      suggestions: ['pi-aws local status'],
      cause,
    })
  let answer: Answer
  try {
    answer = await send(call)
  } catch (cause) {
    throw failed((cause as Error).message, cause)
  }
  if (answer.status < 200 || answer.status > 299) throw failed(`it answered ${answer.status} ${answer.text}`.trim())
}

/** True when somebody takes connections at the port. */
function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({host: loopback, port, timeout: 1000})
    const end = (listening: boolean) => () => {
      socket.destroy()
      resolve(listening)
    }
    socket.on('connect', end(true)).on('timeout', end(true)).on('error', end(false))
  })
}

/** Binds the port for a moment. Resolves to whether it could be had. */
function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen({host: loopback, port, exclusive: true}, () => server.close(() => resolve(true)))
  })
}

/** Whether a server could listen at the port. Asked both ways: some systems let two programs bind it. */
export async function isFree(port: number): Promise<boolean> {
  return !(await isListening(port)) && (await canBind(port))
}

/** Where ports are drawn: below those that systems give to outgoing connections (from 32768 on), which come and go. */
const drawn = {from: 20_000, to: 32_000} as const
/** How many ports are drawn before we give up. */
const draws = 100

/**
 * A free port that stays free while we do not run.
 * @throws FailedError NO_FREE_PORT
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < draws; tries++) {
    const port = randomInt(drawn.from, drawn.to)
    if (await isFree(port)) return port
  }
  throw new FailedError(`No port is free on ${loopback}.`, {code: 'NO_FREE_PORT'})
}
