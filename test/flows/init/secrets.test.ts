import assert from 'node:assert/strict'
import type {EnvironmentConfiguration} from '../../../src/domain/configuration.ts'
import {AccessError, CancelledError, FailedError, NotFoundError} from '../../../src/domain/errors.ts'
import type {SecretValues} from '../../../src/flows/deploy/options.ts'
import type {Put, Wizard} from '../../../src/flows/init/ports.ts'
import {lookAtSecrets, type SecretStanding, writeSecretsOf} from '../../../src/flows/init/secrets.ts'
import type {Ports} from '../../../src/flows/ports.ts'
import {configured, demo, must, runDeploy, runFlow} from '../../helpers/fake-aws/scenario.ts'
import {messages} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const stored = (world: World, what: string): string | undefined =>
  [...world.state.secrets].find(([arn]) => arn.includes(`:${what}-demo-`))?.[1].value

async function withFoundation(): Promise<World> {
  const world = new World()
  must(await runDeploy(world, {parts: ['foundation'], secrets: {}}))
  return world
}

/** Somebody who gives one answer after the other, and what was said and asked. */
class Person implements Wizard {
  readonly asked: string[] = []
  readonly said: string[] = []
  readonly #answers: string[]

  constructor(...answers: readonly string[]) {
    this.#answers = [...answers]
  }

  #next(message: string): string {
    this.asked.push(message)
    const answer = this.#answers.shift() ?? assert.fail(`nothing to answer "${message}"`)
    if (answer === 'leave') throw new CancelledError('Cancelled.', {code: 'CANCELLED'})
    return answer
  }

  say(text: string): void {
    this.said.push(text)
  }

  async text({message, problem}: Put): Promise<string> {
    const answer = this.#next(message)
    assert.deepEqual([problem(' '), problem(answer)], ['an answer is needed', undefined])
    return answer
  }

  async choose({message, choices, proposed, problem}: Parameters<Wizard['choose']>[0]): Promise<string> {
    const answer = this.#next(message)
    assert.equal(proposed, 'later')
    assert.equal(problem(answer), undefined)
    if (answer !== 'leave')
      assert.ok(
        choices.some(({value}) => value === answer),
        answer,
      )
    return answer
  }

  async secret({message}: Pick<Put, 'message'>): Promise<string> {
    return this.#next(message)
  }

  async several(): Promise<readonly string[]> {
    return assert.fail('there is no list of secrets')
  }

  async confirm(): Promise<boolean> {
    return assert.fail('nothing here is confirmed')
  }
}

const files: Readonly<Record<string, string>> = {'/licence': 'FROM\nFILE\n', '/token': 'token\n', '/empty': ' \n'}

interface Stage {
  readonly wizard?: Person
  readonly given?: SecretValues
  readonly configuration?: EnvironmentConfiguration
  /** Ports in the place of those of the world. */
  readonly other?: (ports: Ports) => Partial<Ports>
}

/** Looks, and writes what is missing. */
async function stage(world: World, {wizard, given = {}, configuration = configured(), other}: Stage = {}) {
  const ended = await runFlow(world, async (all, run) => {
    const ports = {...all, ...other?.(all)}
    const of = {environment: demo, configuration}
    const look = await lookAtSecrets(of, async () => ports)
    const readFile = async (path: string): Promise<string> => {
      const text = files[path]
      if (text === undefined) throw new NotFoundError(`File not found: there is no ${path}.`, {code: 'NO_FILE'})
      return text
    }
    return {look, standing: await writeSecretsOf({...of, look, given}, {...ports, wizard, readFile}, run)}
  })
  return {...must(ended), events: ended.events}
}

const states = (standing: readonly SecretStanding[]): readonly string[] =>
  standing.map(({secret, state}) => `${secret} ${state}`)

describe('the secrets of init', () => {
  it('are typed hidden, and written straight into the secrets of the foundation', async () => {
    const world = await withFoundation()
    const wizard = new Person('type', 'AAA\nBBB', 'type', 'robot', ' token ')
    const {look, standing, events} = await stage(world, {wizard})
    assert.deepEqual([look.foundation, states(look.secrets)], [true, ['licence later', 'registry later']])
    assert.deepEqual(states(standing), ['licence written', 'registry written'])
    assert.equal(stored(world, 'licence'), 'AAABBB')
    assert.equal(stored(world, 'registry'), '{"username":"robot","password":"token"}')
    // A live list would paint over the next question: what there is to say is said between them.
    assert.deepEqual(events, [])
    assert.deepEqual(wizard.said, ['The licence had 2 lines; they were joined into one.'])
    assert.ok(!JSON.stringify([look, standing, wizard.said, wizard.asked]).includes('AAA'))
  })

  it('come from files, and what is no file or has nothing in it is asked again', async () => {
    const world = await withFoundation()
    const wizard = new Person(
      ...['file', '/nowhere', 'file', '/empty', 'type', '', 'file', '/licence'],
      ...['file', 'robot', '/token'],
    )
    const {standing} = await stage(world, {wizard})
    assert.deepEqual(states(standing), ['licence written', 'registry written'])
    assert.equal(stored(world, 'licence'), 'FROMFILE')
    assert.match(wizard.said.join('\n'), /no \/nowhere\.\nNothing was given\.\nNothing was given\.\n/)
  })

  it('may wait, and one that is there is not asked again but told with its age', async () => {
    const world = await withFoundation()
    const first = await stage(world, {wizard: new Person('type', 'LICENCE', 'later')})
    assert.deepEqual(states(first.standing), ['licence written', 'registry later'])
    const wizard = new Person('later')
    const other = (ports: Ports): Partial<Ports> => ({
      secrets: {
        ...ports.secrets,
        held: async (arn) =>
          (await ports.secrets.hasValue(arn)) ? {changedAt: '2026-11-20T10:00:00.000Z'} : undefined,
      },
    })
    const {standing} = await stage(world, {wizard, given: {licence: 'ANOTHER'}, other})
    assert.deepEqual(standing[0], {secret: 'licence', state: 'kept', changedAt: '2026-11-20T10:00:00.000Z'})
    assert.deepEqual(states(standing), ['licence kept', 'registry later'])
    assert.deepEqual(wizard.asked, ['Credentials of the image registry'])
    assert.equal(stored(world, 'licence'), 'LICENCE')
  })

  it('that flags name files of are not asked, and nobody is where nobody can be', async () => {
    const world = await withFoundation()
    const {standing, events} = await stage(world, {given: {licence: 'A\nB'}})
    assert.deepEqual(states(standing), ['licence written', 'registry later'])
    assert.match(messages(events, 'note').join(), /had 2 lines/)
    const registry = {username: 'robot', password: 'token'}
    assert.deepEqual(states((await stage(world, {given: {registry}})).standing), ['licence kept', 'registry written'])
  })

  it('are those that the images need: none of a registry that roles log in to', async () => {
    const configuration = configured({images: {registry: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/pi'}})
    const {look} = await stage(await withFoundation(), {configuration})
    assert.deepEqual(states(look.secrets), ['licence later'])
  })

  it('wait for the foundation that holds them', async () => {
    const world = new World()
    const {look, standing} = await stage(world, {given: {licence: 'A'}, wizard: new Person()})
    assert.equal(look.foundation, false)
    assert.deepEqual(states(standing), ['licence later', 'registry later'])
  })

  it('wait, with the reason, where nobody may look or write', async () => {
    const world = await withFoundation()
    const denied = async (): Promise<never> => {
      throw new AccessError('secretsmanager:PutSecretValue is denied.\nmore', {code: 'ACCESS_DENIED'})
    }
    const wizard = new Person('type', 'PLANTED', 'later', 'later')
    const written = await stage(world, {
      wizard,
      other: (ports) => ({secrets: {...ports.secrets, putValue: denied}}),
    })
    assert.deepEqual(states(written.standing), ['licence later', 'registry later'])
    assert.deepEqual(wizard.said, ['Not written: secretsmanager:PutSecretValue is denied.'])
    const looked = await stage(world, {other: (ports) => ({secrets: {...ports.secrets, held: denied}})})
    assert.deepEqual(
      looked.look.secrets.map(({reason}) => reason),
      Array<string>(2).fill('secretsmanager:PutSecretValue is denied.'),
    )
    const of = {environment: demo, configuration: configured()}
    const off = await lookAtSecrets(of, async () => {
      throw new FailedError('Not running.', {code: 'LOCAL_NOT_RUNNING'})
    })
    assert.deepEqual([off.foundation, off.secrets[0]?.reason], [false, 'Not running.'])
  })

  it('end with the wizard when somebody leaves, and what is no answer of AWS is no reason', async () => {
    const world = await withFoundation()
    await assert.rejects(stage(world, {wizard: new Person('leave')}), CancelledError)
    const broken = async (): Promise<never> => {
      throw new RangeError('a bug')
    }
    await assert.rejects(stage(world, {other: (ports) => ({secrets: {...ports.secrets, held: broken}})}), /a bug/)
  })
})
