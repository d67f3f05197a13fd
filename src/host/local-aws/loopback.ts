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
    return {kind: name === 'AbortError' || name === 'TimeoutError' ? 'silent' : 'foreign'}
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

/** Binds the port for a moment. Resolves to its number (a free one for 0), or undefined when it cannot be had. */
function bind(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(undefined))
    server.listen({host: loopback, port, exclusive: true}, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}

/** Whether a server could listen at the port. Asked both ways: some systems let two programs bind it. */
export async function isFree(port: number): Promise<boolean> {
  return !(await isListening(port)) && (await bind(port)) !== undefined
}

/** @throws FailedError NO_FREE_PORT */
export async function freePort(): Promise<number> {
  const port = await bind(0)
  if (port === undefined) throw new FailedError(`No port is free on ${loopback}.`, {code: 'NO_FREE_PORT'})
  return port
}
