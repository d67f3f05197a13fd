import assert from 'node:assert/strict'
import type {EnvironmentName} from '../../../src/domain/names.ts'
import {atCall, configured, deployed, must, runDeploy, runDestroy} from '../../helpers/fake-aws/scenario.ts'
import {executed, journal, mutations, parametersOf, records, stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const newTag = {configuration: configured({images: {tag: '2026_02'}})}

/** Ports that only checks use. */
const checking = new Set(['permissions', 'accountFacts', 'existingNetworks', 'names', 'imageRegistry'])

describe('a later deploy', () => {
  it('has nothing to change, in few calls and few seconds', async () => {
    const world = await deployed()
    const began = world.clock.time
    world.log = []
    const ended = await runDeploy(world, {secrets: {}})
    const result = must(ended)
    assert.equal(result.changed, false)
    assert.deepEqual(new Set(result.parts.map(({status}) => status)), new Set(['unchanged']))
    assert.deepEqual(executed(world), [])
    // What preflight alone asks goes out side by side.
    const asked = world.log.filter(({port, method}) => checking.has(port) || method === 'value').length
    assert.ok(asked <= 14, `${asked} calls of checks`)
    assert.ok(ended.process.calls - asked <= 55, `${ended.process.calls - asked} calls`)
    assert.ok(world.clock.time - began < 5000, `${world.clock.time - began} ms of waiting`)
    assert.deepEqual(journal(world), ['committed done'])
    assert.ok(world.state.stacks.every(({changeSets}) => changeSets.every((one) => one.executed)))
  })

  it('changes only what its configuration changed', async () => {
    const world = await deployed()
    const result = must(await runDeploy(world, newTag))
    assert.deepEqual(executed(world), ['app'])
    assert.deepEqual(
      result.parts.filter(({status}) => status === 'updated').map(({part}) => part),
      ['app'],
    )
    assert.equal(parametersOf(world, 'pi-demo-app')['Quiesced'], 'false')
  })

  it('keeps the count that scaling gave a service', async () => {
    const world = await deployed()
    const service = world.state.services.get('pi-demo-app-Renderer-Service')!
    service.desired = 3
    must(await runDeploy(world, {secrets: {}}))
    assert.equal(world.state.services.get('pi-demo-app-Renderer-Service')?.desired, 3)
    assert.deepEqual(executed(world), [], 'a count alone is no change')
    must(await runDeploy(world, newTag))
    assert.equal(world.state.services.get('pi-demo-app-Renderer-Service')?.desired, 3)
    assert.equal(world.state.services.get('pi-demo-app-Dashboard-Service')?.desired, 1)
    assert.deepEqual(executed(world), ['app-live'])
  })

  it('keeps the count also where the environment is named like another service', async () => {
    const world = new World()
    const options = {environment: 'dashboard' as EnvironmentName, configuration: configured({}, 'dashboard')}
    must(await runDeploy(world, options))
    world.state.services.get('pi-dashboard-app-Renderer-Service')!.desired = 3
    must(await runDeploy(world, {...options, configuration: configured({images: {tag: '2026_02'}}, 'dashboard')}))
    assert.equal(world.state.services.get('pi-dashboard-app-Renderer-Service')?.desired, 3)
    assert.equal(world.state.services.get('pi-dashboard-app-Dashboard-Service')?.desired, 1)
  })

  it('keeps a count over quiescing and release', async () => {
    const world = await deployed()
    world.state.services.get('pi-demo-app-Renderer-Service')!.desired = 3
    must(await runDeploy(world, newTag))
    const pause = new AbortController()
    const stopped = await runDestroy(
      world,
      {},
      {pause, onCall: atCall('databases.createSnapshot', () => pause.abort(new Error('enough')))},
    )
    assert.notEqual(stopped.error, undefined)
    assert.equal(world.state.services.get('pi-demo-app-Renderer-Service')?.desired, 0)
    must(await runDeploy(world, newTag))
    assert.equal(world.state.services.get('pi-demo-app-Renderer-Service')?.desired, 3)
  })

  it('stays in its zones when the region gets another one', async () => {
    const world = await deployed()
    assert.equal(parametersOf(world, 'pi-demo-network')['AvailabilityZones'], 'eu-west-1a,eu-west-1b')
    world.zones = ['eu-west-1-new', ...world.zones]
    const result = must(await runDeploy(world, {secrets: {}}))
    assert.equal(result.changed, false)
    assert.equal(parametersOf(world, 'pi-demo-network')['AvailabilityZones'], 'eu-west-1a,eu-west-1b')
  })

  it('uses the zones that the configuration names', async () => {
    const world = new World()
    must(await runDeploy(world, {configuration: configured({network: {zones: ['eu-west-1b', 'eu-west-1c']}})}))
    assert.equal(parametersOf(world, 'pi-demo-network')['AvailabilityZones'], 'eu-west-1b,eu-west-1c')
  })

  it('reads the active generations from the app stack and flips nothing back', async () => {
    const world = await deployed()
    const app = stackNamed(world, 'pi-demo-app')
    // What a restore leaves: the app on generation 4 of the files.
    app.goal!.parameters['FilesGeneration'] = '4'
    for (const {generations} of world.state.fileSystems.values()) generations.set(4, 'restored files')
    must(await runDeploy(world, newTag))
    assert.equal(parametersOf(world, 'pi-demo-app')['FilesGeneration'], '4')
    const asked = world.log.flatMap(({method, args}) => (method === 'invoke' ? [args[1]] : []))
    assert.deepEqual(asked, [
      {operation: 'health'},
      {operation: 'list', path: 'gen/4', limit: 1},
      {operation: 'prepare', generation: 4},
      {operation: 'activate', generation: 4},
    ])
  })

  it('never makes a tree anew that the platform uses and that is gone', async () => {
    const world = await deployed()
    for (const {generations} of world.state.fileSystems.values()) generations.clear()
    const ended = await runDeploy(world, newTag)
    assert.deepEqual([ended.code, ended.exitCode], ['FILES_LOST', 15])
    assert.match(ended.message, /Generation 1 of the files is not there although the platform uses it/)
    for (const {generations} of world.state.fileSystems.values()) assert.equal(generations.size, 0)
  })

  it('grows the storage of the database when more is configured, and never shrinks it', async () => {
    const world = await deployed()
    must(await runDeploy(world, {configuration: configured({database: {storage: 100, maxStorage: 200}})}))
    assert.equal(parametersOf(world, 'pi-demo-database-1')['AllocatedStorage'], '100')
    must(await runDeploy(world, {configuration: configured({database: {storage: 30, maxStorage: 200}})}))
    assert.equal(parametersOf(world, 'pi-demo-database-1')['AllocatedStorage'], '100')
  })

  it('gives a service its own environment file, and takes it away again', async () => {
    const world = await deployed()
    const own = configured({services: {dashboard: {environment: {PI_LOCALE: 'de', A_FIRST: '1'}}}})
    must(await runDeploy(world, {configuration: own}))
    const {DashboardEnvironmentFile: arn = '', RendererEnvironmentFile: none} = parametersOf(world, 'pi-demo-app')
    assert.equal(none, '')
    const key = arn.replace('arn:aws:s3:::artifacts-demo-1/', '')
    const body = world.state.buckets.get('artifacts-demo-1')?.get(key)?.body
    assert.equal(new TextDecoder().decode(body), 'A_FIRST=1\nPI_LOCALE=de\n')
    must(await runDeploy(world))
    assert.equal(parametersOf(world, 'pi-demo-app')['DashboardEnvironmentFile'], '')
  })

  it('fails plainly when a part lacks an output that others need', async () => {
    const world = await deployed()
    delete world.stack('pi-demo-files')!.outputs['SideloadFunctionName']
    const ended = await runDeploy(world, {secrets: {}})
    assert.equal(ended.code, 'OUTPUT_MISSING')
    assert.match(ended.message, /SideloadFunctionName/)
  })

  it('puts back protections that somebody took off', async () => {
    const world = await deployed()
    const network = stackNamed(world, 'pi-demo-network')
    network.terminationProtection = false
    network.policy = 'not JSON'
    must(await runDeploy(world, {secrets: {}}))
    assert.equal(network.terminationProtection, true)
    assert.match(network.policy, /Deny/)
    assert.ok(journal(world).includes('network done'))
  })

  it('brings back what a destroy retained: snapshot, sizes and names of its database, generation of its files', async () => {
    const world = new World()
    must(await runDeploy(world, {configuration: configured({database: {storage: 50, maxStorage: 200}})}))
    const [instance] = [...world.state.instances.values()]
    Object.assign(instance!, {data: 'rows', allocatedStorage: 80, masterUsername: 'old_master'})
    must(await runDestroy(world))
    assert.deepEqual([...world.state.instances], [])
    const retained = JSON.parse(records(world, 'retained/')[0]?.[1] ?? '{}') as {database: Record<string, unknown>}
    must(await runDeploy(world, {configuration: configured({database: {storage: 50, maxStorage: 200}})}))
    const database = parametersOf(world, 'pi-demo-database-2')
    assert.equal(database['SnapshotIdentifier'], retained.database['snapshotIdentifier'])
    assert.equal(database['AllocatedStorage'], '80')
    assert.equal(database['MasterUsername'], 'old_master')
    assert.equal(database['ParameterGroupFamily'], 'mariadb10.11')
    assert.equal(database['EngineVersion'], '10.11')
    assert.deepEqual(
      [...world.state.instances.values()].map(({data}) => data),
      ['rows'],
    )
    world.log = []
    const again = must(
      await runDeploy(world, {secrets: {}, configuration: configured({database: {storage: 50, maxStorage: 200}})}),
    )
    assert.equal(again.changed, false, 'the snapshot parameter is never cleared')
  })

  it('keeps the generation of the files while its app is only a reviewed shell', async () => {
    const world = await deployed()
    stackNamed(world, 'pi-demo-app').goal!.parameters['FilesGeneration'] = '2'
    for (const {generations} of world.state.fileSystems.values()) generations.set(2, 'the files in use')
    must(await runDestroy(world))
    const killed = await runDeploy(
      world,
      {},
      {
        onCall: ({name, args}) => {
          if (name === 'stacks.executeChangeSet' && String(args[0]).includes('-app/'))
            throw new Error('the line is cut')
        },
      },
    )
    assert.match(killed.message, /the line is cut/)
    assert.equal(stackNamed(world, 'pi-demo-app').status, 'REVIEW_IN_PROGRESS')
    must(await runDeploy(world))
    assert.equal(parametersOf(world, 'pi-demo-app')['FilesGeneration'], '2')
  })

  it('refuses a retained record that it cannot read', async () => {
    const world = await deployed()
    must(await runDestroy(world))
    const bucket = world.state.buckets.get('records-demo-1')!
    bucket.set('retained/demo.json', {...bucket.get('retained/demo.json')!, body: new TextEncoder().encode('{}')})
    const ended = await runDeploy(world)
    assert.equal(ended.code, 'LEDGER_UNREADABLE')
    assert.equal(mutations(world).filter((call) => call === 'stacks.executeChangeSet').length > 0, true)
    assert.equal(world.stack('pi-demo-database-1'), undefined)
  })
})

describe('deploy --part', () => {
  it('deploys only the parts it names, after those before them', async () => {
    const world = new World()
    const result = must(await runDeploy(world, {parts: ['foundation']}))
    assert.deepEqual(
      result.parts.map(({part}) => part),
      ['foundation'],
    )
    assert.deepEqual(executed(world), ['pi-create'])
    must(await runDeploy(world, {parts: ['network', 'files']}))
    assert.deepEqual(executed(world), ['pi-create', 'network', 'files'])
    assert.equal(world.stack('pi-demo-database-1'), undefined)
    must(await runDeploy(world, {parts: ['database', 'app']}))
    must(await runDeploy(world, {parts: ['operations']}))
    assert.deepEqual(executed(world).slice(3), ['database', 'database-guard', 'app', 'app-release', 'operations'])
  })

  it('refuses a part whose forerunners do not stand, naming them, before anything changes', async () => {
    const world = new World()
    const ended = await runDeploy(world, {parts: ['app']})
    assert.equal(ended.exitCode, 12)
    assert.match(ended.message, /network, files, database must stand before app/)
    assert.deepEqual(mutations(world), [])
  })

  it('asks for no secrets where no tasks are started', async () => {
    must(await runDeploy(new World(), {parts: ['network'], secrets: {}}))
  })
})
