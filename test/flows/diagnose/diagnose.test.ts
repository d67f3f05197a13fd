import assert from 'node:assert/strict'
import {AccessError, FailedError} from '../../../src/domain/errors.ts'
import {diagnose, diagnoseInto} from '../../../src/flows/diagnose/diagnose.ts'
import {usualPolicy} from '../../../src/domain/snapshots/age.ts'
import {status} from '../../../src/flows/status.ts'
import {watchStatus} from '../../../src/flows/status-watch.ts'
import {configured, demo, must, runDeploy, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {stopAfter} from '../logs/fakes.ts'

const options = {environment: demo, domain: {}}
const look = async (world: World, run: RunOptions = {}, domain = {}) =>
  must(await runFlow(world, (ports) => diagnose({...options, domain}, ports), run))

async function deployed(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  return world
}

describe('diagnose', () => {
  it('finds a deployed environment well, and one that is not there missing', async () => {
    assert.deepEqual(await look(await deployed()), {environment: 'demo', healthy: true, findings: []})
    const {healthy, findings} = await look(new World())
    assert.deepEqual([healthy, findings.map(({what}) => what)], [false, ['Nothing is deployed']])
  })

  it('tells the first cause of a failed update, out of the nested stack in which it lies', async () => {
    const world = await deployed()
    const app = stackNamed(world, 'pi-demo-app')
    const at = (second: number) => new Date(world.clock.time + second * 1000).toISOString()
    const own = {stackId: app.id, stackName: app.name, type: 'AWS::CloudFormation::Stack'}
    const child = {...own, stackId: 'arn:child', stackName: 'child'}
    world.clock.pass(60_000)
    app.status = 'UPDATE_ROLLBACK_COMPLETE'
    app.events.push(
      {...own, id: 'a', logicalId: app.name, physicalId: app.id, status: 'UPDATE_IN_PROGRESS', at: at(-50)},
      {
        ...own,
        id: 'b',
        logicalId: 'Dashboard',
        physicalId: 'arn:child',
        status: 'UPDATE_FAILED',
        reason: 'Embedded stack was not successfully updated',
        at: at(-10),
      },
      {
        ...own,
        id: 'x',
        logicalId: 'Gone',
        physicalId: '',
        status: 'CREATE_FAILED',
        reason: 'Resource creation cancelled',
        at: at(-9),
      },
      {...own, id: 'c', logicalId: app.name, physicalId: app.id, status: 'UPDATE_ROLLBACK_IN_PROGRESS', at: at(-8)},
    )
    world.children.set('arn:child', [
      {
        ...child,
        id: 'old',
        logicalId: 'Old',
        physicalId: 'x',
        type: 'AWS::X',
        status: 'CREATE_FAILED',
        reason: 'of long ago',
        at: at(-100),
      },
      {
        ...child,
        id: 'd',
        logicalId: 'EcsService',
        physicalId: 'y',
        type: 'AWS::ECS::Service',
        status: 'UPDATE_FAILED',
        reason: 'circuit breaker was triggered',
        at: at(-20),
      },
    ])
    const {findings} = await look(world)
    assert.match(findings[0]!.why, /^EcsService: circuit breaker was triggered$/)
    assert.deepEqual(
      findings.map(({rank}) => rank),
      [1],
    )
  })

  it('names what a failed rollback hangs on, with the ways on', async () => {
    const world = await deployed()
    world.fail('pi-demo-app', 'update', {logicalId: 'LoadBalancer', reason: 'Throttled'})
    world.fail('pi-demo-app', 'rollback', {logicalId: 'LoadBalancer', reason: 'Listener is gone'})
    await runDeploy(world, {configuration: configured({images: {tag: '2026_02'}})})
    const [finding] = (await look(world)).findings
    assert.match(finding?.evidence.join('; ') ?? '', /the rollback hangs on LoadBalancer \(.*\): Listener is gone/)
    assert.deepEqual(finding?.next.slice(-2), [
      'pi-aws deploy demo --continue-rollback',
      'If that fails again, to leave LoadBalancer as it is: pi-aws deploy demo --continue-rollback --skip-resource LoadBalancer',
    ])
  })

  it('lists what updates replaced and AWS could not remove, nested stacks included, until an instance is gone', async () => {
    const world = await deployed()
    const left = {reason: 'it has deletion protection', logicalId: 'Database', type: 'AWS::RDS::DBInstance'}
    world.fail('pi-demo-app', 'cleanup', left)
    const instance = [...world.state.instances.values()][0]!
    world.state.instances.set('old-Database', {...instance, identifier: 'old-Database'})
    must(await runDeploy(world, {configuration: configured({images: {tag: '2026_02'}})}))
    const app = stackNamed(world, 'pi-demo-app')
    const at = new Date(world.clock.time).toISOString()
    const own = {stackId: app.id, stackName: app.name, type: 'AWS::CloudFormation::Stack', at}
    app.events.push({...own, id: 'n', logicalId: 'Renderer', physicalId: 'arn:child', status: 'UPDATE_COMPLETE'})
    const child = {
      ...own,
      stackId: 'arn:child',
      stackName: 'child',
      logicalId: 'Task',
      type: 'AWS::ECS::TaskDefinition',
    }
    world.children.set('arn:child', [
      {...child, id: 'a', physicalId: 'task:1', status: 'DELETE_FAILED'},
      {...child, id: 'b', physicalId: 'task:2', status: 'DELETE_FAILED', reason: 'once'},
      {...child, id: 'c', physicalId: 'task:2', status: 'DELETE_COMPLETE'},
    ])
    const {healthy, findings} = await look(world)
    assert.equal(healthy, false)
    assert.deepEqual(
      findings.map(({what, why}) => `${what}: ${why}`),
      [
        'app: what an update replaced could not be removed: it has deletion protection',
        'app: what an update replaced could not be removed: AWS gave no reason',
      ],
    )
    assert.match(findings[0]?.next.join() ?? '', /old-Database is still there/)
    world.state.instances.delete('old-Database')
    assert.equal((await look(world)).findings.length, 1)
  })

  it('collects what stopped, what fires, what is full and what was written', async () => {
    const world = await deployed()
    world.state.services.get('pi-demo-app-Dashboard-Service')!.running = 0
    world.stoppedTasks = [{arn: 'a/1', stoppedReason: 'CannotPullContainerError: denied', containers: [{name: 'main'}]}]
    world.targets = {healthy: 0, total: 1, reasons: ['unhealthy: 502']}
    const since = new Date(world.clock.time).toISOString()
    world.alarms = [
      {name: 'pi-demo-app-X', description: 'pi-aws demo: requests fail', reason: '> 5', since},
      {name: 'pi-demo-two-app-X', description: 'pi-aws demo-two: not ours', reason: '> 5', since},
    ]
    world.metrics = new Map([
      ['FreeStorageSpace', 1],
      ['CPUCreditBalance', 0],
      ['BurstCreditBalance', 0],
    ])
    world.backupJobs = [{id: 'j', state: 'FAILED', resourceArn: 'arn:r', createdAt: since, message: 'no'}]
    stackNamed(world, 'pi-demo-app').outputs['DashboardLogGroup'] = '/g'
    world.logStore.pageSize = 1
    world.logStore.put(
      '/g',
      ['?ERROR ?FATAL ?SEVERE ?Exception 1', '?ERROR ?FATAL ?SEVERE ?Exception 2'].map((message, index) => ({
        eventId: message,
        stream: 's',
        timestamp: world.clock.time - 2 + index,
        ingestedAt: 0,
        message,
      })),
    )
    const {findings} = await look(world, {}, {certificate: 'arn:none', hostedZone: 'Z1'})
    assert.deepEqual(
      findings.map(({what}) => what),
      [
        'dashboard runs 0 of 1 tasks',
        'The database has hardly any storage left',
        'The database computes at its baseline: its CPU credits are used up',
        'The file system is slow: its burst credits are used up',
        'dashboard has 0 healthy of 1 targets',
        'The certificate is not there',
        'The hosted zone does not exist',
        'renderer runs again; a task of it stopped lately',
        'requests fail',
        'dashboard wrote 2 errors in the last quarter of an hour',
        'A backup failed',
      ],
    )
    world.certificates.set('arn:cert', {arn: 'arn:cert', status: 'ISSUED', names: []})
    world.hostedZones.set('Z1', {id: 'Z1', domain: 'x', private: false, nameServers: ['ns-1.example.net']})
    const better = await look(world, {}, {certificate: 'arn:cert', hostedZone: 'Z1'})
    assert.ok(!better.findings.some(({what}) => /certificate|zone/.test(what)))
  })

  it('finds a service that its stack made and ECS does not have any more', async () => {
    const world = await deployed()
    world.state.services.delete('pi-demo-app-Renderer-Service')
    const {healthy, findings} = await look(world)
    assert.equal(healthy, false)
    assert.deepEqual(
      findings.map(({what, next}) => [what, ...next]),
      [['The service of renderer was removed by hand', 'pi-aws drift demo']],
    )
  })

  it('looks past pages without an error, and says where it stopped counting', async () => {
    const world = await deployed()
    stackNamed(world, 'pi-demo-app').outputs['DashboardLogGroup'] = '/g'
    Object.assign(world.logStore, {pageSize: 1, emptyEvery: 2})
    const message = '?ERROR ?FATAL ?SEVERE ?Exception'
    world.logStore.put(
      '/g',
      [1, 2, 3, 4].map((id) => ({
        eventId: `${id}`,
        stream: 's',
        timestamp: world.clock.time - 10 + id,
        ingestedAt: 0,
        message,
      })),
    )
    const {findings} = await look(world)
    assert.ok(findings.some(({what}) => what === 'dashboard wrote at least 3 errors in the last quarter of an hour'))
  })

  it('says what it could not look at, and is not healthy then', async () => {
    const refuse = ['services', 'alarms', 'firing', 'instance', 'describe', 'stoppedTasks', 'jobs']
    const onCall = ({name}: {name: string}) => {
      const [port, method = ''] = name.split('.')
      if (port !== 'stacks' && refuse.includes(method))
        throw new AccessError(`AWS denies ${name}`, {code: 'ACCESS_DENIED'})
    }
    const {healthy, findings} = await look(await deployed(), {onCall})
    assert.equal(healthy, false)
    assert.deepEqual(
      findings.map(({what}) => what).toSorted(),
      ['the alarms', 'the backups', 'the database', 'the file system', 'the services'].map(
        (what) => `Not known: ${what}`,
      ),
    )
  })

  it('finds what was changed by hand in database and file system, and not what moves by itself', async () => {
    const world = await deployed()
    const id = (part: string, type: string) => {
      const found = stackNamed(world, `pi-demo-${part}`).resources.find((one) => one.type === type)
      assert.ok(found !== undefined, part)
      return found.logicalId
    }
    const [instance, files] = [id('database-1', 'AWS::RDS::DBInstance'), id('files', 'AWS::EFS::FileSystem')]
    world.drift.set(instance, {deleted: false, properties: ['/AllocatedStorage']})
    assert.deepEqual((await look(world)).findings, [])
    world.drift.set(instance, {deleted: false, properties: ['/AllocatedStorage', '/MultiAZ']})
    world.drift.set(files, {deleted: true, properties: []})
    const {findings} = await look(world)
    assert.deepEqual(
      findings.map(({what, evidence}) => [what, evidence]),
      [
        ['The database was changed by hand', [`${instance}: /MultiAZ`]],
        ['The file system was removed by hand', [`${files} is gone`]],
      ],
    )
    stackNamed(world, 'pi-demo-database-1').status = 'UPDATE_IN_PROGRESS'
    const during = (await look(world)).findings.map(({what}) => what)
    assert.ok(!during.includes('The database was changed by hand'), during.join())
    const silent = await runFlow(world, (ports) =>
      diagnose(options, {...ports, stacks: {...ports.stacks, drift: async () => undefined}}),
    )
    assert.deepEqual(
      must(silent).findings.map(({what, why}) => [what, why]),
      [['Not known: changes by hand of the file system', `CloudFormation does not tell of ${files}.`]],
    )
  })

  it('puts everything into one archive without the secrets that were planted', async () => {
    const world = await deployed()
    const planted = ['hunter2-of-the-log', 'AKIAIOSFODNN7EXAMPLE', 'LICENCE-PLANTED-1', 'of-the-alarm-9']
    stackNamed(world, 'pi-demo-app').outputs['DashboardLogGroup'] = '/g'
    const messages = [`login password=${planted[0]!}`, `key ${planted[1]!} {"licence": "${planted[2]!}"}`, 'harmless']
    world.logStore.put(
      '/g',
      messages.map((message, index) => ({
        eventId: `${index}`,
        stream: 's',
        timestamp: world.clock.time - 1000,
        ingestedAt: 0,
        message,
      })),
    )
    world.alarms = [{name: 'pi-demo-app-X', description: 'pi-aws demo: x', reason: `token=${planted[3]!}`, since: ''}]
    const written = new Map<string, string>()
    const bundle = {
      write: async (_file: string, texts: ReadonlyMap<string, string>) =>
        texts.forEach((text, name) => written.set(name, text)),
    }
    const more = {file: 'b.zip', configuration: {preset: 'small', password: planted[0]}, version: '1.0.0'}
    const result = must(
      await runFlow(world, (ports, run) => diagnoseInto({...options, ...more}, {...ports, bundle}, run)),
    )
    assert.equal(result.bundle, 'b.zip')
    assert.deepEqual(
      [...written.keys()],
      ['about.json', 'diagnosis.json', 'facts.json', 'configuration.json', 'logs.ndjson'],
    )
    const all = [...written.values()].join('\n')
    for (const secret of planted) assert.ok(!all.includes(secret), secret)
    assert.match(written.get('logs.ndjson') ?? '', /"harmless"/)
    assert.match(written.get('configuration.json') ?? '', /"preset": "small"/)
    world.logStore.refuses = () => {
      throw new FailedError('no logs today', {code: 'AWS_OTHER'})
    }
    must(await runFlow(world, (ports, run) => diagnoseInto({...options, ...more}, {...ports, bundle}, run)))
    assert.match(written.get('about.json') ?? '', /"logsMissing": "no logs today"/)
  })
})

describe('status', () => {
  it('tells of database, file system and alarms', async () => {
    const world = await deployed()
    world.alarms = [{name: 'pi-demo-app-X', description: 'pi-aws demo: requests fail', reason: '> 5', since: 'then'}]
    const result = must(await runFlow(world, (ports) => status({environment: demo, policy: usualPolicy}, ports)))
    assert.deepEqual(result.alarms, [{description: 'requests fail', since: 'then'}])
    assert.equal(result.database?.status, 'available')
    assert.equal(result.files?.state, 'available')
    assert.deepEqual(result.problems, ['alarm: requests fail'])
    world.state.instances.clear()
    world.state.fileSystems.clear()
    const gone = must(await runFlow(world, (ports) => status({environment: demo, policy: usualPolicy}, ports)))
    assert.deepEqual(gone.problems.slice(0, 2), ['the database is not there', 'the file system is not there'])
  })
})

describe('status that is watched', () => {
  const watch = async (world: World, run: RunOptions) => {
    const seen: boolean[] = []
    const ended = await runFlow(
      world,
      (ports, own) =>
        watchStatus({environment: demo, policy: usualPolicy}, ports, own, (_result, changed) => seen.push(changed)),
      run,
    )
    return {ended, seen}
  }

  it('is looked at every five seconds, and a change is told from a look', async () => {
    const world = await deployed()
    world.state.vaults.set('vault-demo-1', new Date(world.clock.time).toISOString())
    world.clock.after(7000, () => (world.state.services.get('pi-demo-app-Renderer-Service')!.running = 0))
    const {ended, seen} = await watch(world, {pause: stopAfter(world, 22_000)})
    assert.deepEqual(seen, [true, false, true, false, false])
    assert.equal(must(ended).healthy, false)
  })

  it('goes on when a look fails for a while, and ends when it will not succeed', async () => {
    const world = await deployed()
    const begun = world.clock.time
    const onCall = ({name}: {name: string}) => {
      if (name !== 'containers.services') return
      const now = world.clock.time - begun
      if (now > 3000 && now < 8000) throw new FailedError('AWS cannot be reached', {code: 'NETWORK_UNREACHABLE'})
      if (now > 18_000) throw new AccessError('expired', {code: 'CREDENTIALS_EXPIRED'})
    }
    const {ended, seen} = await watch(world, {onCall})
    assert.deepEqual(seen, [true, false, false])
    assert.equal(ended.code, 'CREDENTIALS_EXPIRED')
    assert.ok(ended.events.some(({type}) => type === 'warning'))
    const never = await watch(world, {
      onCall: () => {
        throw new FailedError('no', {code: 'X'})
      },
    })
    assert.equal(never.ended.code, 'X')
    const pause = stopAfter(world, 0)
    pause.abort()
    assert.equal((await watch(world, {pause})).ended.code, 'CANCELLED')
  })
})
