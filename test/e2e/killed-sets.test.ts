import assert from 'node:assert/strict'
import {DescribeServicesCommand, ECSClient, ListServicesCommand} from '@aws-sdk/client-ecs'
import {GetObjectCommand, ListObjectsV2Command, S3Client} from '@aws-sdk/client-s3'
import {type Ended, Embedded} from '../helpers/e2e.ts'
import {Gate, journalName} from '../helpers/e2e-gate.ts'
import {hasMariaDb, outputsOf, Platform} from '../helpers/e2e-platform.ts'
import type {StatusJson} from '../helpers/e2e-results.ts'
import {leftBy, type Moment, Moments, plain, told} from '../helpers/kill-moments.ts'

/** Change it to try other moments; a failure names the moment it happened at. */
const seed = Number(process.env['PI_AWS_TEST_SEED'] ?? 20261122)
/** How often each is killed. */
const kills = Number(process.env['PI_AWS_KILLS'] ?? 10)
/** With that many, no step may be left out. */
const enough = 30
/** Environments in which runs are killed side by side: most of a run is waiting. */
const names = ['north', 'east', 'south', 'west']
/** Restores of one environment until those before are finalized: each has a database server of its own. */
const heap = 5

/** More than any run ever takes (ms): it ends what hangs. */
const limit = 400_000

interface Trial {
  readonly opId: string
  readonly again: Ended | undefined
  /** Entries of the killed run. */
  readonly entries: readonly {readonly step: string; readonly kind: string}[]
}

/** An environment, and what one undisturbed snapshot made of it. */
interface Place {
  readonly name: string
  readonly platform: Platform
  readonly bucket: string
  readonly opId: string
  readonly set: string
}

describe(`killed at ${kills} + ${kills} moments (PI_AWS_TEST_SEED=${seed})`, function () {
  // More than a kill ever takes: it ends what hangs.
  this.timeout(Math.max(480_000, kills * 60_000))
  let cloud: Embedded
  let config: string
  let gate: Gate
  let places: readonly Place[]

  /** Runs a command that must end well, however slow the machine is. */
  async function ran<T>(...args: string[]): Promise<T> {
    const ended = await cloud.run([...args, '--json'], {limit})
    assert.equal(ended.code, 0, `pi-aws ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`)
    return ended.json<T>()
  }

  const on = (environment: string, ...args: string[]) => [...args, '-e', environment, '--local', '--config', config]
  const snapshot = (name: string) => ['snapshot', 'create', name, '--local', '--config', config]

  before(async function () {
    if (!hasMariaDb) this.skip()
    // Slow enough for AWS to be met in the middle.
    cloud = await Embedded.start(0.002)
    gate = await Gate.before(cloud)
    config = cloud.config(
      Object.fromEntries(names.map((name, index) => [name, {network: {cidr: `10.${60 + index}.0.0/16`}}])),
    )
    places = await Promise.all(
      names.map(async (name) => {
        await ran('deploy', name, '--local', '--config', config, '--yes')
        const platform = new Platform(cloud, name)
        await platform.sql(
          "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(80)); INSERT INTO users VALUES (1, 'Ann');",
        )
        await platform.write('themes/theme.css', 'a { color: red }')
        const {id, opId} = await ran<{id: string; opId: string}>(...snapshot(name))
        const {RecordsBucket: bucket = ''} = await outputsOf(cloud, name)
        return {name, platform, bucket, opId, set: id}
      }),
    )
  })
  after(async () => {
    await gate?.close()
    await cloud?.stop()
  })

  /** Runs a command and kills it at a moment, then goes on with it. */
  async function killed({name, bucket}: Place, moment: Moment, args: readonly string[]): Promise<Trial> {
    const running = cloud.spawn([...args, '--output', 'ndjson'], {limit})
    let opId = ''
    let hit = false
    gate.watches.set(bucket, (entry, pass) => {
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
    gate.watches.delete(bucket)
    const entries = await journal(bucket, opId)
    if (ended.code === 0) return {opId, again: undefined, entries}
    assert.equal(ended.signal, 'SIGKILL', ended.stdout + ended.stderr)
    if (leftBy(entries).behind === 'committed.done') {
      // It had come to its end: nothing is left of it but its lock, which whoever comes next would take over.
      await ran('ops', 'unlock', name, '--local', '--config', config)
      return {opId, again: undefined, entries}
    }
    const again = await cloud.run([...on(name, 'ops', 'resume', opId), '--json'], {limit})
    assert.equal(again.code, 0, again.stdout + again.stderr)
    return {opId, again, entries}
  }

  async function journal(Bucket: string, opId: string) {
    const {Contents = []} = await cloud
      .client(S3Client)
      .send(new ListObjectsV2Command({Bucket, Prefix: `ops/${opId}/`}))
    return Contents.flatMap(({Key = ''}) => journalName(Key) ?? [])
  }

  /** What must be as it was whoever died: nothing is left, nobody holds anything, as many tasks run as before. */
  async function calm({name, bucket: Bucket, platform}: Place, opId: string): Promise<object> {
    const s3 = cloud.client(S3Client)
    const keysBelow = async (Prefix: string): Promise<readonly string[]> =>
      ((await s3.send(new ListObjectsV2Command({Bucket, Prefix}))).Contents ?? []).map(({Key = ''}) => Key)
    const keys = (await keysBelow('snapshots/')).map((key) => key.split('/'))
    const ids = (sort: string) => keys.filter(([, kind]) => kind === sort).map(([, , id = '']) => id.slice(0, 23))
    const ecs = cloud.client(ECSClient)
    const cluster = (await outputsOf(cloud, name))['ClusterName'] ?? ''
    const {serviceArns = []} = await ecs.send(new ListServicesCommand({cluster}))
    const {services = []} = await ecs.send(new DescribeServicesCommand({cluster, services: serviceArns}))
    return {
      ended: leftBy(await journal(Bucket, opId)).behind,
      locks: await keysBelow('locks/'),
      unfinishedSets: ids('plans').filter((id) => !ids('manifests').includes(id)),
      leftovers: await platform.leftovers(),
      services: services.map((one) => `${one.serviceName} ${one.runningCount} ${one.desiredCount}`).sort(),
    }
  }

  /** What a user is told at the end of all trials. */
  async function well(place: Place): Promise<void> {
    const {problems, unfinished} = await ran<StatusJson>('status', place.name, '--local', '--config', config)
    assert.deepEqual([problems, unfinished], [[], []], place.name)
  }

  /** Kills at every moment, in all places side by side, and tells of each where it hit. */
  async function trials(moments: Moments, one: (place: Place, moment: Moment) => Promise<Trial>): Promise<void> {
    const faults: string[] = []
    const waiting = [...moments.drawn]
    const begun = performance.now()
    const worker = async (place: Place): Promise<void> => {
      for (let moment = waiting.shift(); moment !== undefined; moment = waiting.shift()) {
        try {
          const {entries} = await one(place, moment)
          moments.hit(leftBy(entries))
          console.log(`        ${told(moment)}: ${moments.between(entries)}`)
        } catch (error) {
          faults.push(`${place.name}, ${told(moment)}: ${error instanceof Error ? error.message : String(error)}`)
          // What is left there would fail every trial after it: the other places take these over.
          return
        }
      }
    }
    await Promise.all(places.map(worker))
    const {left, steps, drawn} = moments
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    console.log(`      ${drawn.length} kills in ${seconds} s; ${steps.size - left.length} of ${steps.size} steps hit`)
    if (left.length > 0) console.log(`      never hit: ${left.join(', ')}`)
    assert.deepEqual(faults, [], faults.join('\n\n'))
    if (kills >= enough) assert.deepEqual(left, [], 'steps that no kill hit')
    await Promise.all(places.map(well))
  }

  it('a snapshot goes on and becomes the set that an undisturbed one is', async () => {
    const [first] = places
    assert.ok(first !== undefined)
    const picture = async (place: Place, id: string, opId: string): Promise<object> => ({
      set: await setOf(place.bucket, id),
      calm: await calm(place, opId),
      all: await place.platform.everything(),
    })
    const good = new Map(
      await Promise.all(
        places.map(async (place) => [place.name, await picture(place, place.set, place.opId)] as const),
      ),
    )
    const moments = new Moments(await journal(first.bucket, first.opId), {seed, many: kills})
    await trials(moments, async (place, moment) => {
      const trial = await killed(place, moment, snapshot(place.name))
      const own = `${trial.opId.slice(0, 16).toLowerCase()}-${trial.opId.slice(-6)}`
      assert.deepEqual(await picture(place, own, trial.opId), good.get(place.name))
      return trial
    })
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
    const [first] = places
    assert.ok(first !== undefined)
    const good = await first.platform.everything()
    const expected = new Map(
      await Promise.all(places.map(async (place) => [place.name, await calm(place, place.opId)] as const)),
    )
    const restore = ({name, set}: Place) => [...on(name, 'restore', 'run', set, '--safety', 'none', '--confirm', name)]
    await damage(first.platform)
    const {opId} = await ran<{opId: string}>(...restore(first))
    assert.deepEqual(await first.platform.everything(), good)
    const counts = new Map<string, number>()
    await trials(new Moments(await journal(first.bucket, opId), {seed, many: kills}), async (place, moment) => {
      const {name, platform} = place
      await damage(platform)
      const before = await outputsOf(cloud, name)
      const trial = await killed(place, moment, restore(place))
      const after = await outputsOf(cloud, name)
      const moved = (output: string) => Number(after[output]) > Number(before[output])
      assert.deepEqual([moved('DatabaseGeneration'), moved('FilesGeneration')], [true, true])
      assert.deepEqual(await platform.everything(), good)
      assert.deepEqual(await calm(place, trial.opId), expected.get(name))
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      if (count % heap === 0) await ran(...on(name, 'restore', 'finalize', '--now', '--confirm', name))
      return trial
    })
  })

  async function damage(platform: Platform): Promise<void> {
    await platform.sql('DELETE FROM users; CREATE TABLE IF NOT EXISTS wrong (id INT PRIMARY KEY);')
    await platform.write('themes/theme.css', 'broken')
  }
})
