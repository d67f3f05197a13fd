import assert from 'node:assert/strict'
import {GetObjectCommand, ListObjectsV2Command, S3Client} from '@aws-sdk/client-s3'
import {type Ended, Embedded} from '../helpers/e2e.ts'
import {Gate, journalName} from '../helpers/e2e-gate.ts'
import {hasMariaDb, outputsOf, Platform} from '../helpers/e2e-platform.ts'
import type {StatusJson} from '../helpers/e2e-results.ts'
import {chance} from '../helpers/fake-aws/chance.ts'

/** Change it to try other moments; a failure names the moment it happened at. */
const seed = Number(process.env['PI_AWS_TEST_SEED'] ?? 20261122)
/** How often each is killed. */
const kills = Number(process.env['PI_AWS_KILLS'] ?? 10)
/** With that many, no step may be left out. */
const enough = 30

/** Where a run is killed: at an entry of its journal, before S3 has it, once it has it, or some ms later. */
interface Moment {
  readonly step: string
  readonly kind: 'intent' | 'done'
  readonly when: 'before' | 'after'
  readonly more: number
}

interface Trial {
  readonly opId: string
  readonly again: Ended | undefined
  /** Last entry that the killed run wrote, and steps that were under way. */
  readonly behind: string
  readonly open: readonly string[]
}

/** Numbers of generations and of tries differ from run to run. */
const plain = (step: string): string => step.replace(/-\d+$/, '')
const told = ({step, kind, when, more}: Moment): string =>
  more > 0 ? `${more} ms after ${step}.${kind}` : `${when} ${step}.${kind}`

/** Draws the moments of one command: steps that were not hit yet first, any of them afterwards. */
class Moments {
  readonly steps: ReadonlyMap<string, ReadonlySet<string>>
  readonly left: Set<string>
  readonly #random: () => number

  constructor(entries: readonly {readonly step: string; readonly kind: string}[], from: number) {
    const steps = new Map<string, Set<string>>()
    for (const {step, kind} of entries) {
      const kinds = steps.get(plain(step)) ?? new Set<string>()
      kinds.add(kind)
      steps.set(plain(step), kinds)
    }
    this.steps = steps
    this.left = new Set(steps.keys())
    this.#random = chance(from)
  }

  #one<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T
  }

  next(): Moment {
    const fresh = this.left.size > 0
    const step = this.#one([...(fresh ? this.left : this.steps.keys())])
    const kinds = this.steps.get(step)
    const kind = kinds?.has('intent') === true && this.#random() < 0.6 ? 'intent' : 'done'
    // An intent that is not written yet is still the step before.
    const when = kind === 'done' && kinds?.has('intent') === true && this.#random() < 0.5 ? 'before' : 'after'
    const more = !fresh && when === 'after' ? 1 + Math.floor(this.#random() * 400) : 0
    return {step, kind, when, more}
  }

  hit({behind, open}: Trial): void {
    for (const step of [...open, behind.split('.')[0] ?? '']) this.left.delete(plain(step))
  }
}

describe(`killed at ${kills} + ${kills} moments (PI_AWS_TEST_SEED=${seed})`, function () {
  // More than a kill ever takes: it ends what hangs.
  this.timeout(Math.max(480_000, kills * 40_000))
  let cloud: Embedded
  let config: string
  let gate: Gate

  const on = (environment: string, ...args: string[]) => [...args, '-e', environment, '--local', '--config', config]

  before(async function () {
    if (!hasMariaDb) this.skip()
    // Slow enough for AWS to be met in the middle.
    cloud = await Embedded.start(0.002)
    gate = await Gate.before(cloud)
    const names = ['sets', 'left', 'right']
    config = cloud.config(
      Object.fromEntries(names.map((name, index) => [name, {network: {cidr: `10.${60 + index}.0.0/16`}}])),
    )
    await Promise.all(
      names.map(async (name) => {
        const deploy = ['deploy', name, '--local', '--config', config, '--yes', '--json']
        const {code, stdout, stderr} = await cloud.run(deploy, {limit: 240_000})
        assert.equal(code, 0, stdout + stderr)
        const platform = new Platform(cloud, name)
        await platform.sql(
          "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(80)); INSERT INTO users VALUES (1, 'Ann');",
        )
        await platform.write('themes/theme.css', 'a { color: red }')
      }),
    )
  })
  after(async () => {
    await gate?.close()
    await cloud?.stop()
  })

  /** Runs a command and kills it at a moment, then goes on with it. */
  async function killed(environment: string, moment: Moment, args: readonly string[]): Promise<Trial> {
    const {RecordsBucket = ''} = await outputsOf(cloud, environment)
    const running = cloud.spawn([...args, '--output', 'ndjson'])
    let opId = ''
    let hit = false
    gate.watches.set(RecordsBucket, (entry, pass) => {
      opId = entry.opId
      if (hit) return 'hold'
      if (plain(entry.step) !== moment.step || entry.kind !== moment.kind || pass !== moment.when) return 'go on'
      hit = moment.more === 0
      const kill = (): boolean => running.child.kill('SIGKILL')
      if (hit) kill()
      else setTimeout(kill, moment.more)
      return hit ? 'hold' : 'go on'
    })
    const ended = await running.ended
    gate.watches.delete(RecordsBucket)
    const entries = await journal(RecordsBucket, opId)
    const open = new Set<string>()
    for (const {step, kind} of entries)
      if (kind === 'intent') open.add(step)
      else open.delete(step)
    const last = entries.at(-1)
    const behind = last === undefined ? '' : `${last.step}.${last.kind}`
    if (ended.code === 0) return {opId, again: undefined, behind: 'committed.done', open: []}
    assert.equal(ended.signal, 'SIGKILL', ended.stdout + ended.stderr)
    if (behind === 'committed.done') {
      // It had come to its end: nothing is left of it but its lock, which whoever comes next would take over.
      await cloud.ok('ops', 'unlock', environment, '--local', '--config', config)
      return {opId, again: undefined, behind, open: []}
    }
    const again = await cloud.run([...on(environment, 'ops', 'resume', opId), '--json'], {limit: 240_000})
    assert.equal(again.code, 0, `${told(moment)}: ${again.stdout}${again.stderr}`)
    return {opId, again, behind, open: [...open]}
  }

  async function journal(Bucket: string, opId: string) {
    const {Contents = []} = await cloud
      .client(S3Client)
      .send(new ListObjectsV2Command({Bucket, Prefix: `ops/${opId}/`}))
    return Contents.flatMap(({Key = ''}) => journalName(Key) ?? [])
  }

  /** What must be as it was whoever died: users are served, nothing is left, nobody holds anything. */
  async function calm(environment: string): Promise<object> {
    const status = await cloud.ok<StatusJson & {lock?: object}>('status', environment, '--local', '--config', config)
    const {RecordsBucket: Bucket} = await outputsOf(cloud, environment)
    const {Contents = []} = await cloud.client(S3Client).send(new ListObjectsV2Command({Bucket, Prefix: 'snapshots/'}))
    const keys = Contents.map(({Key = ''}) => Key.split('/'))
    const ids = (sort: string) => keys.filter(([, kind]) => kind === sort).map(([, , name = '']) => name.slice(0, 23))
    return {
      problems: status.problems,
      unfinished: status.unfinished,
      lock: status.lock,
      unfinishedSets: ids('plans').filter((id) => !ids('manifests').includes(id)),
      leftovers: await new Platform(cloud, environment).leftovers(),
      services: status.services.map(({name, running, desired}) => `${name} ${running} ${desired}`),
    }
  }

  interface Hits {
    readonly moments: Moments
    readonly lines: string[]
  }

  /** Kills, goes on, compares; one trial after the other until there are enough. */
  async function trials(hits: Hits, next: () => boolean, one: (moment: Moment) => Promise<Trial>): Promise<string[]> {
    const faults: string[] = []
    while (next()) {
      const moment = hits.moments.next()
      // Whoever draws next is to draw another one.
      hits.moments.left.delete(moment.step)
      try {
        const trial = await one(moment)
        hits.moments.hit(trial)
        hits.lines.push(`${told(moment)}: hit behind ${trial.behind}, under way: ${trial.open.join(' ') || 'nothing'}`)
      } catch (error) {
        hits.moments.left.add(moment.step)
        faults.push(`killed ${told(moment)}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    return faults
  }

  function judge({moments, lines}: Hits, faults: readonly string[]): void {
    for (const line of lines) console.log(`        ${line}`)
    const left = [...moments.left]
    console.log(`      ${lines.length} kills; ${moments.steps.size - left.length} of ${moments.steps.size} steps hit`)
    if (left.length > 0) console.log(`      never hit: ${left.join(', ')}`)
    assert.deepEqual(faults, [], faults.join('\n\n'))
    if (kills >= enough) assert.deepEqual(left, [], 'steps that no kill hit')
  }

  it('a snapshot goes on and becomes the set that an undisturbed one is', async () => {
    const platform = new Platform(cloud, 'sets')
    const args = ['snapshot', 'create', 'sets', '--local', '--config', config]
    const {id, opId} = await cloud.ok<{id: string; opId: string}>(...args)
    const {RecordsBucket = ''} = await outputsOf(cloud, 'sets')
    const good = {set: await setOf(RecordsBucket, id), calm: await calm('sets'), all: await platform.everything()}
    const hits: Hits = {moments: new Moments(await journal(RecordsBucket, opId), seed), lines: []}
    let done = 0
    const faults = await trials(
      hits,
      () => done++ < kills,
      async (moment) => {
        const trial = await killed('sets', moment, args)
        const own = `${trial.opId.slice(0, 16).toLowerCase()}-${trial.opId.slice(-6)}`
        const is = {set: await setOf(RecordsBucket, own), calm: await calm('sets'), all: await platform.everything()}
        assert.deepEqual(is, good, `behind ${trial.behind}`)
        return trial
      },
    )
    judge(hits, faults)
  })

  /** A set without what differs from one good run to the next. */
  async function setOf(Bucket: string, id: string): Promise<object> {
    const {Body} = await cloud
      .client(S3Client)
      .send(new GetObjectCommand({Bucket, Key: `snapshots/manifests/${id}.json`}))
    const {consistency, weakened, skewMs, database, files, assets, configuration, note, tags} = JSON.parse(
      (await Body?.transformToString()) ?? '',
    ) as Record<string, Record<string, unknown>>
    const {counts, generation, instance, engineVersion, masterUsername} = database ?? {}
    const {treeHash, bytes, directories, uid, gid} = files ?? {}
    return {
      ...{consistency, weakened, skewMs, note, tags, assets, configuration},
      ...{counts, generation, instance, engineVersion, masterUsername},
      ...{treeHash, bytes, directories, uid, gid, files: files?.['files']},
    }
  }

  it('a restore goes on and ends where an undisturbed one does', async () => {
    let hits: Hits | undefined
    let done = 0
    const faults: string[] = []
    const first = Promise.withResolvers<Hits>()
    const worker = async (environment: string, leads: boolean): Promise<void> => {
      const platform = new Platform(cloud, environment)
      const good = await platform.everything()
      const {id} = await cloud.ok<{id: string}>('snapshot', 'create', environment, '--local', '--config', config)
      const args = [...on(environment, 'restore', 'run', id), '--safety', 'none', '--confirm', environment]
      const {RecordsBucket = ''} = await outputsOf(cloud, environment)
      const expected = await calm(environment)
      if (leads) {
        await damage(platform)
        const {opId} = await cloud.ok<{opId: string}>(...args)
        assert.deepEqual(await platform.everything(), good)
        hits = {moments: new Moments(await journal(RecordsBucket, opId), seed), lines: []}
        first.resolve(hits)
      }
      const shared = await first.promise
      let own = 0
      faults.push(
        ...(await trials(
          shared,
          () => done++ < kills,
          async (moment) => {
            await damage(platform)
            const before = await outputsOf(cloud, environment)
            const trial = await killed(environment, moment, args)
            const after = await outputsOf(cloud, environment)
            const moved = (name: string) => Number(after[name]) > Number(before[name])
            assert.deepEqual([moved('DatabaseGeneration'), moved('FilesGeneration')], [true, true], trial.behind)
            assert.deepEqual(await platform.everything(), good, trial.behind)
            assert.deepEqual(await calm(environment), expected, trial.behind)
            // A server of its own for each generation: the machine is not to be filled with them.
            if (++own % 4 === 0)
              await cloud.ok(
                'restore',
                'finalize',
                environment,
                '--now',
                '--local',
                '--config',
                config,
                '--confirm',
                environment,
              )
            return trial
          },
        )),
      )
    }
    await Promise.all([
      worker('left', true).catch((error: unknown) => {
        first.reject(error)
        throw error
      }),
      worker('right', false),
    ])
    assert.ok(hits !== undefined)
    judge(hits, faults)
  })

  async function damage(platform: Platform): Promise<void> {
    await platform.sql('DELETE FROM users; CREATE TABLE IF NOT EXISTS wrong (id INT PRIMARY KEY);')
    await platform.write('themes/theme.css', 'broken')
  }
})
