import assert from 'node:assert/strict'
import {setTimeout as pause} from 'node:timers/promises'
import {DescribeFileSystemsCommand, EFSClient} from '@aws-sdk/client-efs'
import {DescribeDBInstancesCommand, RDSClient} from '@aws-sdk/client-rds'
import {chance} from '../helpers/chance.ts'
import {Embedded, type EventLine} from '../helpers/e2e.ts'
import {pictureOf} from '../helpers/e2e-picture.ts'
import type {DeployJson, DestroyJson, StatusJson} from '../helpers/e2e-results.ts'

/** Change it to try other moments; a failure names the moment it happened at. */
const seed = Number(process.env['PI_AWS_TEST_SEED'] ?? 20261122)

/** A moment of a run: after the n-th event (of its steps, or of all that every run has), and some ms more. */
interface Moment {
  readonly of: 'step' | 'event'
  readonly count: number
  readonly more: number
}

const isStep = (event: EventLine) => event.type.startsWith('step.')
/** How many there are of the others depends on how long a run takes: on a slow machine it is told of more often. */
const isOfEveryRun = (event: EventLine) => !/progress$|^service[.]/.test(event.type)

/** One moment in each of `many` equal stretches of a run. */
function momentsOf(of: Moment['of'], total: number, many: number, random: () => number): Moment[] {
  return Array.from({length: many}, (_, index) => ({
    of,
    count: Math.max(1, Math.min(total - 1, Math.ceil(((index + random()) / many) * total))),
    more: Math.floor(random() * 250),
  }))
}

/** Kinds of things that stayed; a snapshot more than needed is not what this is about. */
const kinds = ({kept}: DestroyJson) =>
  [
    ...new Set(kept.map((id) => id.replaceAll(/kill-\d+|calm/g, '').replaceAll(/[0-9a-f]{6,}.*|\d{8}t\d+z/gi, ''))),
  ].sort()

const told = ({of, count, more}: Moment) => `${more} ms after ${of} ${count}`

describe(`killed at any moment (PI_AWS_TEST_SEED=${seed})`, function () {
  this.timeout(240_000)
  const random = chance(seed)
  const many = 12
  const names = Array.from({length: many}, (_, index) => `kill-${index + 1}`)
  let cloud: Embedded
  let config: string
  let expected: object
  let moments: readonly Moment[]
  let deploySteps = 0

  const on = (...args: string[]) => [...args, '--local', '--config', config]

  before(async () => {
    // Slow enough for stacks to be met in the middle.
    cloud = await Embedded.start(0.004)
    const environments = ['calm', ...names].map(
      (name, index) => [name, {network: {cidr: `10.${50 + index}.0.0/16`}}] as const,
    )
    config = cloud.config(Object.fromEntries(environments))
    const calm = cloud.spawn(on('deploy', 'calm', '--yes', '--output', 'ndjson'))
    assert.equal((await calm.ended).code, 0)
    expected = await pictureOf(cloud, 'calm')
    deploySteps = calm.events.filter(isStep).length
    // Some events come together in one run and apart in another: the end of a run is met by its steps.
    const events = Math.floor(calm.events.filter(isOfEveryRun).length * 0.9)
    moments = [...momentsOf('step', deploySteps, many / 2, random), ...momentsOf('event', events, many / 2, random)]
  })
  after(() => cloud?.stop())

  /**
   * Runs a command of so many events of steps and kills it at a moment: at the last but one at the latest, since what is left
   * then may be shorter than the pause. Resolves to whether it still ran.
   */
  async function killedAt(moment: Moment, steps: number, args: readonly string[]): Promise<boolean> {
    const running = cloud.spawn([...args, '--output', 'ndjson'])
    let seen = 0
    await running.until((event) => (moment.of === 'event' ? isOfEveryRun : isStep)(event) && ++seen >= moment.count)
    let stepsSeen = 0
    const isEnding = running.until((event) => isStep(event) && ++stepsSeen >= steps - 1)
    await Promise.race([pause(moment.more), isEnding.catch(() => undefined)])
    running.child.kill('SIGKILL')
    const {signal, code} = await running.ended
    assert.ok(signal === 'SIGKILL' || code === 0, `${told(moment)}: ended ${code}`)
    return signal === 'SIGKILL'
  }

  it(`deploy picks up after each of ${many} moments and ends as an undisturbed one`, async () => {
    const faults: string[] = []
    let killed = 0
    const work = names.map((name, index) => ({name, moment: moments[index]!}))
    const worker = async (): Promise<void> => {
      for (let one = work.shift(); one !== undefined; one = work.shift()) {
        const {name, moment} = one
        try {
          if (await killedAt(moment, deploySteps, on('deploy', name, '--yes'))) killed += 1
          const again = await cloud.ok<DeployJson>(...on('deploy', name, '--yes'))
          assert.equal(again.parts.length, 6)
          assert.deepEqual(await pictureOf(cloud, name), expected)
          const status = await cloud.ok<StatusJson>(...on('status', name))
          assert.deepEqual([status.healthy, status.unfinished], [true, []])
        } catch (error) {
          faults.push(`${name}, killed ${told(moment)}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
    }
    await Promise.all(Array.from({length: 6}, worker))
    assert.deepEqual(faults, [], faults.join('\n\n'))
    assert.ok(killed >= many - 1, `only ${killed} of ${many} were killed`)
  })

  it('a killed destroy can be ended or taken back, and loses no data', async () => {
    const running = cloud.spawn(on('destroy', 'calm', '--confirm', 'calm', '--output', 'ndjson'))
    assert.equal((await running.ended).code, 0)
    const calm = running.events.at(-1) as unknown as DestroyJson
    const steps = running.events.filter(isStep).length
    const faults: string[] = []
    const work = momentsOf('step', steps, 4, random).map(async (moment, index) => {
      const name = names[index]!
      try {
        await killedAt(moment, steps, on('destroy', name, '--confirm', name))
        if (index % 2 === 0) {
          const again = await cloud.ok<DestroyJson>(...on('destroy', name, '--confirm', name))
          assert.deepEqual(kinds(again), kinds(calm))
        }
        const back = await cloud.ok<DeployJson>(...on('deploy', name, '--yes'))
        await isWhole(name, back)
      } catch (error) {
        faults.push(`${name}, killed ${told(moment)}: ${error instanceof Error ? error.message : String(error)}`)
      }
    })
    await Promise.all(work)
    assert.deepEqual(faults, [], faults.join('\n\n'))
  })

  /** Healthy, on the file system that was there, with a guarded database that the backup plan takes. */
  async function isWhole(name: string, {outputs}: DeployJson): Promise<void> {
    const status = await cloud.ok<StatusJson>(...on('status', name))
    assert.deepEqual([status.healthy, status.unfinished], [true, []])
    const {FileSystems = []} = await cloud.client(EFSClient).send(new DescribeFileSystemsCommand({}))
    const own = FileSystems.filter(({Tags}) => Tags?.some(({Key, Value}) => Key === 'pi:environment' && Value === name))
    assert.deepEqual(
      own.map(({FileSystemId}) => FileSystemId),
      [outputs['FileSystemId']],
    )
    const DBInstanceIdentifier = outputs['DatabaseIdentifier']
    const {DBInstances = []} = await cloud
      .client(RDSClient)
      .send(new DescribeDBInstancesCommand({DBInstanceIdentifier}))
    assert.equal(DBInstances[0]?.DeletionProtection, true)
    assert.equal(DBInstances[0].TagList?.find(({Key}) => Key === 'pi:backup')?.Value, 'yes')
    if (outputs['DatabaseGeneration'] === '1') assert.deepEqual(await pictureOf(cloud, name), expected)
  }
})
