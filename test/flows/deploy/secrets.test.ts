import assert from 'node:assert/strict'
import {must, runDeploy, runFlow, demo} from '../../helpers/fake-aws/scenario.ts'
import {loginRegistry, setLicence} from '../../../src/flows/secrets.ts'
import {messages, mutations} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const registry = {username: 'robot', password: 'token'}

function stored(world: World, what: string): string | undefined {
  return [...world.state.secrets].find(([arn]) => arn.includes(`:${what}-demo-`))?.[1].value
}

describe('the secrets of a deploy', () => {
  const missing: {name: string; secrets: object; says: RegExp; suggests: RegExp}[] = [
    {name: 'licence', secrets: {registry}, says: /No licence for demo/, suggests: /--licence-file/},
    {
      name: 'registry credentials',
      secrets: {licence: 'L'},
      says: /No registry credentials for demo/,
      suggests: /--registry-username/,
    },
  ]
  for (const {name, secrets, says, suggests} of missing) {
    it(`refuses a missing ${name} before anything is made, with both ways out`, async () => {
      const world = new World()
      const ended = await runDeploy(world, {secrets})
      assert.equal(ended.code, 'SECRET_MISSING')
      assert.equal(ended.exitCode, 12)
      assert.match(ended.message, says)
      const {suggestions} = ended.error as {suggestions: string[]}
      assert.match(suggestions[0] ?? '', suggests)
      assert.match(suggestions[1] ?? '', /--part foundation/)
      assert.deepEqual(mutations(world), [])
    })
  }

  it('asks for both, hidden where they are secret, where somebody can answer', async () => {
    const world = new World()
    const asked: string[] = []
    const answer = (kind: string) => async (question: string) => {
      asked.push(`${kind}: ${question}`)
      return `${kind}-${asked.length}`
    }
    must(await runDeploy(world, {secrets: {}}, {ask: {possible: true, secret: answer('secret'), text: answer('text')}}))
    assert.deepEqual(
      asked.map((line) => line.split(':')[0]),
      ['secret', 'text', 'secret'],
    )
    assert.equal(stored(world, 'licence'), 'secret-1')
    assert.equal(stored(world, 'registry'), '{"username":"text-2","password":"secret-3"}')
  })

  it('joins a licence of several lines and says so', async () => {
    const world = new World()
    const ended = await runDeploy(world, {secrets: {licence: '\u{feff}AAA\r\nBBB\n\n  CCC  \n', registry}})
    must(ended)
    assert.equal(stored(world, 'licence'), 'AAABBBCCC')
    assert.match(messages(ended.events, 'note').join(), /The licence had 3 lines; they were joined into one/)
  })

  it('refuses an empty licence before anything is made', async () => {
    const world = new World()
    const ended = await runDeploy(world, {secrets: {licence: ' \n ', registry}})
    assert.equal(ended.code, 'EMPTY_LICENCE')
    assert.equal(ended.exitCode, 2)
    assert.deepEqual(mutations(world), [])
  })

  it('makes them up for the embedded AWS alone', async () => {
    const world = new World()
    must(await runDeploy(world, {secrets: {}, placeholderSecrets: true}))
    assert.notEqual(stored(world, 'licence'), undefined)
    assert.deepEqual(Object.keys(JSON.parse(stored(world, 'registry') ?? '{}') as object), ['username', 'password'])
  })

  it('leaves values alone that are set already', async () => {
    const world = new World()
    must(await runDeploy(world))
    must(await runDeploy(world, {secrets: {}, placeholderSecrets: true}))
    assert.equal(stored(world, 'licence'), 'LICENCE-1')
  })

  it('writes what is handed over over what is set', async () => {
    const world = new World()
    must(await runDeploy(world))
    must(await runDeploy(world, {secrets: {licence: 'LICENCE-2'}}))
    assert.equal(stored(world, 'licence'), 'LICENCE-2')
  })
})

describe('licence set and registry login', () => {
  it('write into the secrets of the foundation', async () => {
    const world = new World()
    must(await runDeploy(world, {parts: ['foundation'], secrets: {}}))
    const licence = await runFlow(world, (ports, run) => setLicence({environment: demo, licence: 'A\nB'}, ports, run))
    assert.match(must(licence).secretArn, /secret:licence-demo-1$/)
    assert.equal(stored(world, 'licence'), 'AB')
    assert.match(messages(licence.events, 'note').join(), /had 2 lines/)
    const single = await runFlow(world, (ports, run) => setLicence({environment: demo, licence: 'C'}, ports, run))
    assert.deepEqual(single.events, [])
    must(
      await runFlow(world, (ports) =>
        loginRegistry({environment: demo, username: ' robot ', password: 'token\n'}, ports),
      ),
    )
    assert.equal(stored(world, 'registry'), '{"username":"robot","password":"token"}')
  })

  it('refuse without a foundation, and empty values', async () => {
    const world = new World()
    const early = await runFlow(world, (ports, run) => setLicence({environment: demo, licence: 'A'}, ports, run))
    assert.equal(early.code, 'NO_FOUNDATION')
    for (const [username, password] of [
      ['', 'x'],
      ['x', ' '],
    ] as const) {
      const ended = await runFlow(world, (ports) => loginRegistry({environment: demo, username, password}, ports))
      assert.equal(ended.code, 'EMPTY_CREDENTIALS')
      assert.equal(ended.exitCode, 2)
    }
  })
})
