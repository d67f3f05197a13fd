import {createHash} from 'node:crypto'
import {mkdir, readFile, rm} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {LockedError} from '../domain/errors.ts'
import {answerIds, type Answers} from '../domain/init/answers.ts'
import type {Drafts} from '../flows/init/ports.ts'
import type {Clock, Machine} from '../flows/ports.ts'
import {FolderLock} from './folder-lock.ts'
import {replaceFile} from './whole-file.ts'

interface Saved {
  readonly answers: Answers
  readonly at: string
}

/** Only what is an answer: whatever else a file holds is nobody's. */
function read(text: string): Saved | undefined {
  try {
    const {answers, at} = JSON.parse(text) as {readonly answers: Readonly<Record<string, unknown>>; readonly at: string}
    const known = answerIds.flatMap((id) => (typeof answers[id] === 'string' ? [[id, answers[id]] as const] : []))
    return known.length === 0 ? undefined : {answers: Object.fromEntries(known), at}
  } catch {
    return undefined
  }
}

/**
 * Answers of `init` in pi-aws's own folder, for their owner alone, one run for a file at a time.
 * @param state folder that they lie in
 */
export function drafts(state: string, machine: Machine, clock: Clock): Drafts {
  return {
    async begin(path) {
      const folder = join(state, 'init', createHash('sha256').update(resolve(path)).digest('hex').slice(0, 16))
      const file = join(folder, 'answers.json')
      const taken = await new FolderLock(join(folder, 'lock'), machine, clock).tryTake()
      if ('holder' in taken) {
        const {pid, host} = taken.holder
        throw new LockedError(`Another init works on ${path}: process ${pid} on ${host}.`, {
          code: 'INIT_BUSY',
          suggestions: ['End it, or name another file with --config'],
        })
      }
      const left = await readFile(file, 'utf8').then(read, () => undefined)
      return {
        left,
        async save(answers) {
          await mkdir(folder, {recursive: true, mode: 0o700})
          await replaceFile(file, JSON.stringify({answers, at: clock.now().toISOString()}))
        },
        finish: () => rm(file, {force: true}),
        release: () => taken.release(),
      }
    },
  }
}
