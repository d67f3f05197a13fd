import assert from 'node:assert/strict'
import {CancelledError} from '../../../src/domain/errors.ts'
import {logsQuery, type LogsQueryOptions, savedQueries} from '../../../src/flows/logs/query.ts'
import type {QueryAnswer} from '../../../src/flows/telemetry/ports.ts'
import {demo, must, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import type {World} from '../../helpers/fake-aws/world.ts'
import {deployed} from './fakes.ts'

const saved = (name: string, groups: readonly string[] = []) => ({
  name: `pi-aws/demo/${name}`,
  text: `fields ${name}`,
  groups,
})
const running: QueryAnswer = {
  ...{status: 'running', word: 'Running', rows: []},
  ...{bytesScanned: 0, recordsScanned: 0, recordsMatched: 0},
}

async function asking(): Promise<World> {
  const world = await deployed()
  world.savedQueries = [
    saved('errors of all services', ['/demo/dashboard']),
    saved('side-load runs', ['/demo/sideload']),
    saved('slow database queries'),
    {...saved('errors'), name: 'pi-aws/other/errors'},
  ]
  world.queryAnswer = {
    ...{status: 'complete', word: 'Complete', bytesScanned: 2048, recordsScanned: 10, recordsMatched: 2},
    rows: [
      [['@message', 'one']],
      [
        ['@message', 'two'],
        ['level', 'ERROR'],
      ],
    ],
  }
  return world
}

const ask = (world: World, more: Partial<LogsQueryOptions>, options: RunOptions = {}) =>
  runFlow(
    world,
    (ports, run) =>
      logsQuery(
        {
          ...{environment: demo, name: undefined, text: undefined, services: [], limit: undefined},
          ...{span: {from: world.clock.time - 3_600_000, to: undefined}, ...more},
        },
        ports,
        run,
      ),
    options,
  )

describe('logs query', () => {
  it('asks a saved query by its name or the beginning of it, of the groups that it is for', async () => {
    const world = await asking()
    world.queryAnswers.push(running, running)
    for (const name of ['errors-of-all-services', 'err']) {
      const found = must(await ask(world, {name}))
      assert.deepEqual([found.query, found.groups], ['errors-of-all-services', ['/demo/dashboard']])
      assert.deepEqual(found.fields, ['@message', 'level'])
      assert.deepEqual(found.rows, [{'@message': 'one'}, {'@message': 'two', level: 'ERROR'}])
      assert.deepEqual([found.bytesScanned, found.recordsScanned, found.recordsMatched], [2048, 10, 2])
    }
    const [query] = world.queries
    assert.deepEqual([query?.text, (query?.to ?? 0) - (query?.from ?? 0)], ['fields errors of all services', 3_600_000])
    assert.deepEqual(world.stoppedQueries, [])
  })

  it('asks a text of one’s own of all groups, or of the services that are named', async () => {
    const world = await asking()
    assert.deepEqual(must(await ask(world, {text: 'fields @message'})).groups, ['/demo/dashboard', '/demo/renderer'])
    const one = must(await ask(world, {text: 'fields @message', services: ['renderer'], limit: 5}))
    assert.deepEqual([one.groups, 'query' in one, world.queries.at(-1)?.limit], [['/demo/renderer'], false, 5])
    assert.deepEqual(must(await ask(world, {name: 'slow'})).groups, ['/demo/dashboard', '/demo/renderer'])
    const other = must(await ask(world, {name: 'errors', services: ['renderer']}))
    assert.deepEqual(other.groups, ['/demo/renderer'])
  })

  it('stops a query that nobody waits for any more', async () => {
    const world = await asking()
    world.queryAnswer = running
    const pause = new AbortController()
    world.clock.after(5000, () => pause.abort(new CancelledError('Cancelled.', {code: 'CANCELLED'})))
    const ended = await ask(world, {name: 'errors'}, {pause})
    assert.equal(ended.code, 'CANCELLED')
    assert.deepEqual(world.stoppedQueries, ['query-1'])
  })

  it('says how a query failed', async () => {
    const world = await asking()
    world.queryAnswer = {...running, status: 'failed', word: 'Timeout'}
    const ended = await ask(world, {name: 'errors'})
    assert.deepEqual([ended.code, ended.exitCode], ['QUERY_FAILED', 1])
    assert.match(ended.message, /ended as Timeout/)
  })

  it('refuses what it cannot ask', async () => {
    const world = await asking()
    const refused = async (more: Partial<LogsQueryOptions>) => {
      const {code, exitCode} = await ask(world, more)
      return [code, exitCode]
    }
    assert.deepEqual(await refused({}), ['QUERY_MISSING', 2])
    assert.deepEqual(await refused({name: 'errors', text: 'fields'}), ['QUERY_MISSING', 2])
    assert.deepEqual(await refused({name: 'licences'}), ['UNKNOWN_QUERY', 5])
    assert.deepEqual(await refused({name: 's'}), ['UNKNOWN_QUERY', 5])
    assert.match((await ask(world, {name: 's'})).message, /"s" begins side-load-runs and slow-database-queries/)
    assert.deepEqual(await refused({text: 'fields', services: ['pirana']}), ['NO_LOG_GROUP', 5])
    world.savedQueries = []
    assert.deepEqual(await refused({name: 'errors'}), ['UNKNOWN_QUERY', 5])
  })

  it('lists the queries of the environment', async () => {
    const {queries} = must(await runFlow(await asking(), (ports) => savedQueries({environment: demo}, ports)))
    assert.deepEqual(
      queries.map(({key}) => key),
      ['errors-of-all-services', 'side-load-runs', 'slow-database-queries'],
    )
  })
})
