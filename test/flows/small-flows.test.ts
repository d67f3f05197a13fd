import assert from 'node:assert/strict'
import {requireName} from '../../src/flows/confirm.ts'
import type {FlowEvent} from '../../src/flows/events.ts'
import type {ZipEntry} from '../../src/domain/function-zip.ts'
import {usualPolicy} from '../../src/domain/snapshots/age.ts'
import type {FunctionZips} from '../../src/flows/function-zip/ports.ts'
import {outputs} from '../../src/flows/outputs.ts'
import {plan} from '../../src/flows/plan.ts'
import {status} from '../../src/flows/status.ts'
import {uploadLambda} from '../../src/flows/upload-lambda.ts'
import {configured, demo, must, runDeploy, runFlow, type RunOptions} from '../helpers/fake-aws/scenario.ts'
import {stackNamed} from '../helpers/fake-aws/traces.ts'
import {World} from '../helpers/fake-aws/world.ts'

describe('outputs', () => {
  const ask = (world: World, name?: string) => runFlow(world, (ports) => outputs({environment: demo, name}, ports))

  it('merges those of all parts, or gives one', async () => {
    const world = new World()
    must(await runDeploy(world))
    const all = must(await ask(world)).outputs
    assert.equal(all['VpcId'], 'vpc-demo-1')
    assert.equal(all['Url'], 'http://lb.example')
    assert.equal('TemplateId' in all, false)
    assert.deepEqual(must(await ask(world, 'Url')), {environment: 'demo', outputs: {Url: 'http://lb.example'}})
  })

  it('ends 5 where there is nothing, or no output of that name', async () => {
    const world = new World()
    assert.deepEqual([(await ask(world)).code, (await ask(world)).exitCode], ['NOT_DEPLOYED', 5])
    must(await runDeploy(world))
    const ended = await ask(world, 'Nonsense')
    assert.deepEqual([ended.code, ended.exitCode], ['UNKNOWN_OUTPUT', 5])
  })
})

describe('upload lambda', () => {
  const index: ZipEntry = {name: 'index.js', kind: 'file', size: 9, mode: 0o644, encrypted: false}
  const fit: FunctionZips = {
    read: async () => new TextEncoder().encode('my own'),
    entries: async () => [index],
    unpack: async () => 'exports.handler = 1',
  }
  const upload = (world: World, file?: string, zips: Partial<FunctionZips> = {}) =>
    runFlow(world, (ports) => uploadLambda({environment: demo, file}, {...ports, functionZips: {...fit, ...zips}}))

  const runPlan = (world: World) =>
    runFlow(world, (ports, run) =>
      plan({environment: demo, configuration: configured(), parts: [], cloudFormationRoleArn: undefined}, ports, run),
    )

  it('puts the function there once, under the hash of its bytes', async () => {
    const world = new World()
    must(await runDeploy(world, {parts: ['foundation'], secrets: {}}))
    assert.equal(must(await upload(world)).changed, false, 'the deploy put it there')
    world.zip = new TextEncoder().encode('another function')
    const first = must(await upload(world))
    assert.deepEqual(first, {
      environment: 'demo',
      bucket: 'artifacts-demo-1',
      key: first.key,
      size: 16,
      changed: true,
      builtIn: true,
    })
    assert.match(first.key, /^lambda\/[0-9a-f]{64}\.zip$/)
    assert.equal(must(await upload(world)).changed, false)
  })

  it('takes a zip of the operator, under its own hash', async () => {
    const world = new World()
    must(await runDeploy(world, {parts: ['foundation'], secrets: {}}))
    const own = must(await upload(world, 'my.zip'))
    assert.deepEqual([own.size, own.changed, own.builtIn], [6, true, false])
    assert.notEqual(own.key, must(await upload(world)).key)
  })

  it('stays the own one through every deploy until the operator goes back, and plan and status say so', async () => {
    const world = new World()
    must(await runDeploy(world))
    const builtIn = stackNamed(world, 'pi-demo-files').goal?.parameters['FunctionKey']
    const tells = (events: readonly FlowEvent[]): boolean =>
      events.some((event) => event.type === 'note' && event.message.includes('your own zip lambda/'))
    const own = must(await upload(world, 'my.zip'))
    assert.equal(must(await upload(world, 'my.zip')).changed, false, 'it is chosen already')
    const planned = await runPlan(world)
    assert.ok(tells(planned.events))
    assert.deepEqual(
      must(planned).parts.flatMap(({part, action}) => (action === 'unchanged' ? [] : [part])),
      ['files'],
    )
    for (const time of ['first', 'second']) {
      // A newer pi-aws does not take it back.
      world.zip = new TextEncoder().encode(`of the ${time} version`)
      const deployed = await runDeploy(world)
      must(deployed)
      assert.ok(tells(deployed.events), time)
      assert.equal(stackNamed(world, 'pi-demo-files').goal?.parameters['FunctionKey'], own.key, time)
    }
    const told = must(await runFlow(world, (ports) => status({environment: demo, policy: usualPolicy}, ports)))
    assert.deepEqual([told.ownFunction?.key, told.ownFunction?.size], [own.key, 6])
    const back = must(await upload(world))
    assert.deepEqual([back.changed, back.builtIn], [true, true])
    const again = await runDeploy(world)
    must(again)
    assert.equal(tells(again.events), false)
    assert.equal(stackNamed(world, 'pi-demo-files').goal?.parameters['FunctionKey'], back.key)
    assert.notEqual(back.key, builtIn)
    assert.equal(
      must(await runFlow(world, (ports) => status({environment: demo, policy: usualPolicy}, ports))).ownFunction,
      undefined,
    )
  })

  it('is missed before anything changes when somebody removed it, and a choice that cannot be read is told of', async () => {
    const world = new World()
    must(await runDeploy(world))
    const own = must(await upload(world, 'my.zip'))
    const artifacts = world.state.buckets.get(own.bucket)!
    artifacts.delete(own.key)
    const gone = await runDeploy(world)
    assert.deepEqual([gone.code, gone.exitCode], ['OWN_FUNCTION_GONE', 12])
    assert.deepEqual([(await runPlan(world)).code], ['OWN_FUNCTION_GONE'])
    const choice = artifacts.get('lambda/choice.json')!
    artifacts.set('lambda/choice.json', {...choice, body: new TextEncoder().encode('{')})
    assert.equal((await runDeploy(world)).code, 'CHOICE_UNREADABLE')
    assert.equal(must(await upload(world)).changed, true)
    must(await runDeploy(world))
  })

  it('is refused, before anything is asked of AWS, with a zip that is no function', async () => {
    const many = Array.from({length: 12}, (_, at) => ({...index, name: `../${at}`}))
    for (const [zips, said] of [
      [{entries: async () => []}, /my\.zip.*no handler/],
      [{entries: async () => [index, ...many]}, /"\.\.\/9" leads out.*; and 2 more\./],
      [{unpack: async () => 'module.exports = {}'}, /index\.js exports no "handler"/],
    ] as const) {
      const ended = await upload(new World(), 'my.zip', zips)
      assert.deepEqual([ended.code, ended.exitCode], ['BAD_FUNCTION_ZIP', 2])
      assert.match(String(ended.error), said)
    }
    assert.match(
      String((await upload(new World(), undefined, {entries: async () => []})).error),
      /the built-in zip is no/,
    )
  })

  it('is refused without a foundation', async () => {
    assert.equal((await upload(new World())).code, 'NO_FOUNDATION')
  })
})

describe('a name that has to be typed', () => {
  const confirm = (given: string | undefined, ask: RunOptions['ask'] = {}) =>
    runFlow(new World(), (ports) => requireName(ports.ask, demo, given, {flag: '--confirm', question: 'It goes.'}), {
      ask,
    })
  const typing = (text: string) => ({possible: true, text: async () => text})

  it('is taken from its flag, or as it is typed', async () => {
    must(await confirm('demo'))
    must(await confirm(undefined, typing(' demo ')))
  })

  const wrong: {given: string | undefined; ask?: RunOptions['ask']; code: string; exit: number}[] = [
    {given: 'prod', code: 'CONFIRMATION_WRONG', exit: 2},
    {given: undefined, code: 'CONFIRMATION_MISSING', exit: 2},
    {given: undefined, ask: typing('prod'), code: 'CANCELLED', exit: 130},
  ]
  for (const {given, ask, code, exit} of wrong) {
    it(`ends ${exit} with ${code}`, async () => {
      const ended = await confirm(given, ask)
      assert.deepEqual([ended.code, ended.exitCode], [code, exit])
      if (code === 'CONFIRMATION_MISSING')
        assert.deepEqual((ended.error as {suggestions: string[]}).suggestions, ['--confirm demo'])
    })
  }
})
