import assert from 'node:assert/strict'
import type {AnswerId, Answers} from '../../../src/domain/init/answers.ts'
import {questions} from '../../../src/domain/init/questions.ts'
import {AccessError} from '../../../src/domain/errors.ts'
import {init, type InitOptions, type InitPorts} from '../../../src/flows/init/init.ts'
import type {Drafts, Nearby, Put, Wizard} from '../../../src/flows/init/ports.ts'
import type {CallerIdentity} from '../../../src/flows/ports.ts'
import {refusal} from '../../domain/samples.ts'
import {packageTexts} from '../../helpers/package-templates.ts'

const packageFiles = {version: '1.0.0', templates: async () => packageTexts(), lambdaZip: async () => new Uint8Array()}
const arn = 'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b'

/** An account that has one of everything. */
const nearby: Nearby = {
  regions: async () => ['eu-west-1', 'us-east-1'],
  zones: async () => ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  vpcs: async () => [{id: 'vpc-0a', name: 'office', cidr: '10.20.0.0/16'}],
  subnets: async () => [
    {id: 'subnet-0a', name: 'a', zone: 'eu-west-1a', cidr: '10.20.0.0/20', public: true},
    {id: 'subnet-0b', name: '', zone: 'eu-west-1b', cidr: '10.20.16.0/20', public: false},
  ],
  hostedZones: async () => [
    {id: 'Z1', domain: 'example.com'},
    {id: 'Z2', domain: 'example.org'},
  ],
  certificates: async () => [
    {arn, names: ['*.example.com']},
    {arn: `${arn}c`, names: ['bi.example.com']},
  ],
}
const denied: Nearby = {
  ...nearby,
  ...Object.fromEntries(
    Object.keys(nearby).map((name) => [
      name,
      async () => {
        throw new AccessError(`${name} is denied.\nmore`, {code: 'ACCESS_DENIED'})
      },
    ]),
  ),
}

/** Somebody who answers from a table, and what was said and asked. */
class Person implements Wizard {
  readonly asked: string[] = []
  readonly said: string[] = []
  readonly offered = new Map<string, readonly string[]>()
  readonly #answers: Answers
  readonly #goesOn: boolean

  constructor(answers: Answers, goesOn = true) {
    this.#answers = answers
    this.#goesOn = goesOn
  }

  say(text: string): void {
    this.said.push(text)
  }

  async text({message, proposed, problem, shown}: Put): Promise<string> {
    shown?.()
    const {id} = questions.find(({text}) => text === message) ?? assert.fail(message)
    this.asked.push(id)
    const answer = this.#answers[id] ?? proposed ?? assert.fail(`nothing to answer ${id}`)
    assert.equal(problem(answer), undefined, id)
    return ` ${answer} `
  }

  async choose(question: Parameters<Wizard['choose']>[0]): Promise<string> {
    this.offered.set(
      questions.find(({text}) => text === question.message)?.id ?? '',
      question.choices.map(({value}) => value),
    )
    return this.text(question)
  }

  async several(question: Parameters<Wizard['several']>[0]): Promise<readonly string[]> {
    return (await this.choose({...question, free: false})).trim().split(',')
  }

  async confirm(message: string): Promise<boolean> {
    this.asked.push(message)
    return this.#goesOn
  }

  async secret(): Promise<string> {
    return assert.fail('no question of the configuration is a secret')
  }
}

class Shelf implements Drafts {
  left: {readonly answers: Answers; readonly at: string} | undefined
  readonly calls: string[] = []

  async begin() {
    return {
      left: this.left,
      save: async (answers: Answers) => {
        this.left = {answers, at: 'then'}
        this.calls.push('save')
      },
      finish: async () => {
        this.left = undefined
        this.calls.push('finish')
      },
      release: async () => void this.calls.push('release'),
    }
  }
}

interface Scene {
  readonly wizard?: Person
  readonly text?: string
  readonly nearby?: Nearby
  readonly shelf?: Shelf
  /** How the quotas are told. */
  readonly quotas?: () => Promise<readonly {code: string; value: number}[]>
}

const someQuotas = async () => [{code: 'L-3032A538', value: 6}]

function scene({wizard, text, nearby: around = nearby, shelf = new Shelf(), quotas = someQuotas}: Scene) {
  const state = {text}
  const connected: string[] = []
  const ports: InitPorts = {
    configurationFiles: {
      read: async () => state.text,
      async update(_path, edit) {
        const after = edit(state.text)
        const changed = after !== state.text
        state.text = after
        return {changed, text: after}
      },
    },
    drafts: shelf,
    packageFiles,
    imageTags: {tags: async () => ['2026_11', '2026_10']},
    wizard,
    async connect(region) {
      connected.push(region)
      return {
        identity: {caller: async () => ({account: '123456789012'}) as CallerIdentity},
        nearby: around,
        serviceQuotas: {applied: quotas},
      }
    },
  }
  const run = (given: Answers = {}, options: Partial<InitOptions> = {}) =>
    init({path: 'pi-aws.yaml', given, usualRegion: undefined, dryRun: false, placeFlags: '', ...options}, ports)
  return {run, state, shelf, connected}
}

const host = {region: 'eu-west-1', host: 'bi.example.com', 'hosted-zone': 'Z1'} satisfies Answers

describe('init', function () {
  // Every answer is weighed with the whole of the templates.
  this.timeout(30_000)
  it('asks what cannot be found out, offers what there is, and writes it', async () => {
    const wizard = new Person(host)
    const {run, state, shelf} = scene({wizard})
    const result = await run({}, {usualRegion: 'us-east-1'})
    assert.deepEqual(
      [result.environment, result.region, result.changed, result.created],
      ['prod', 'eu-west-1', true, true],
    )
    assert.ok(!wizard.asked.includes('account'))
    assert.match(state.text ?? '', /account: '123456789012'[^]*cidr: 10\.21\.0\.0\/16[^]*hostedZone: Z1\n/)
    assert.doesNotMatch(state.text ?? '', /certificate/)
    assert.deepEqual(wizard.offered.get('hosted-zone'), ['Z1', 'none'])
    assert.deepEqual(wizard.offered.get('certificate'), ['request', arn])
    assert.deepEqual(wizard.offered.get('vpc'), ['new', 'vpc-0a'])
    assert.deepEqual(wizard.offered.get('image-tag'), ['2026_11', '2026_10'])
    assert.deepEqual(wizard.offered.get('zones'), ['2', '3'])
    assert.ok(wizard.said.some((line) => /So far: .* vCPU at a release of 6/.test(line)))
    assert.deepEqual([shelf.left, shelf.calls.at(-1)], [undefined, 'release'])
  })

  it('looks around once in each region, while the first question is read, and lets nobody wait for quotas', async () => {
    const never = async () => new Promise<never>(() => undefined)
    const usual = scene({wizard: new Person(host), quotas: never})
    await usual.run({}, {usualRegion: 'eu-west-1'})
    assert.deepEqual(usual.connected, ['eu-west-1'])
    const unknown = scene({wizard: new Person(host), quotas: never})
    await unknown.run()
    assert.deepEqual(unknown.connected, ['us-east-1', 'eu-west-1'])
    assert.match(unknown.state.text ?? '', /account: '123456789012'/)
  })

  it('proposes a range that no other environment of the file will have', async () => {
    const rows = ['one: {network: {cidr: 10.21.0.0/16}}', 'two: {network: {cidr: 10.22.0.0/16}}', 'usual: {}']
    const text = `version: 1\ndefaults: {region: eu-west-1}\nenvironments:\n${rows.map((row) => `  ${row}\n`).join('')}`
    const {run, state} = scene({text, nearby: denied})
    await run({environment: 'prod', region: 'eu-west-1', host: 'none'})
    assert.match(state.text ?? '', /prod:\n[^]*cidr: 10\.23\.0\.0\/16/)
    await run({environment: 'one', host: 'none'})
    assert.match(state.text ?? '', /one: \{network: \{cidr: 10\.21\.0\.0\/16/)
  })

  it('says what to do without a certificate in words that hold with flags and with questions', async () => {
    const given = {...host, 'hosted-zone': 'none', certificate: 'none'}
    await assert.rejects(
      scene({}).run(given),
      refusal('INVALID_VALUE', /--certificate: .*the same command with --host none for that/),
    )
  })

  it('gives the same file by the command that it prints', async () => {
    const {run, state} = scene({wizard: new Person({...host, preset: 'large'})})
    const {command} = await run()
    const words = [...command.replace(' --yes', '').matchAll(/--([a-z-]+) (\S+)/g)].map(([, id, value]) => [id, value])
    const again = scene({nearby: denied})
    await again.run({environment: 'prod', ...(Object.fromEntries(words) as Answers)})
    assert.equal(again.state.text, state.text)
  })

  it('uses a network that is there', async () => {
    const subnets = 'subnet-0a,subnet-0b'
    const wizard = new Person({
      ...host,
      vpc: 'vpc-0a',
      'public-subnets': subnets,
      'application-subnets': subnets,
      'data-subnets': subnets,
    })
    const {run, state} = scene({wizard})
    await run()
    assert.match(state.text ?? '', /existing:\n +vpc: vpc-0a\n +cidr: 10\.20\.0\.0\/16\n +publicSubnets:/)
    assert.deepEqual(
      wizard.asked.filter((id) => ['vpc-cidr', 'cidr', 'zones', 'nat'].includes(id)),
      [],
    )
  })

  it('takes whatever is typed where nothing may be looked up, and says why', async () => {
    const wizard = new Person(host)
    const {run, state} = scene({wizard, nearby: denied})
    await run()
    assert.match(state.text ?? '', /hostedZone: Z1/)
    assert.ok(wizard.said.includes('This cannot be looked up, so type it: regions is denied.'))
    assert.ok(!wizard.offered.has('region'))
  })

  it('goes on where a run was left, unless that is not wanted or another environment is meant', async () => {
    const shelf = new Shelf()
    const left = {answers: {environment: 'left', region: 'eu-west-1', preset: 'large'} satisfies Answers, at: 'then'}
    const goOn = async (goesOn: boolean, given: Answers = {}) => {
      shelf.left = left
      const wizard = new Person(host, goesOn)
      const {run} = scene({wizard, shelf})
      return {wizard, result: await run(given)}
    }
    const on = await goOn(true)
    assert.equal(on.result.environment, 'left')
    assert.ok(!on.wizard.asked.includes('preset'))
    assert.equal((await goOn(false)).result.environment, 'prod')
    assert.equal((await goOn(true, {environment: 'other'})).result.environment, 'other')
  })

  it('keeps the answers when it is cancelled, and lets others begin', async () => {
    const wizard = new Person({region: 'eu-west-1'})
    const {run, shelf, state} = scene({wizard})
    await assert.rejects(run(), /nothing to answer host/)
    assert.equal(shelf.left?.answers.preset, 'small')
    assert.deepEqual([shelf.calls.at(-1), state.text], ['release', undefined])
  })

  it('proposes what the file has, and changes only what was said', async () => {
    const text = `# Ours\nversion: 1\nenvironments:\n  prod: {region: eu-west-1, preset: standard, domain: {httpOnly: true}, images: {tag: old}}\n`
    const {run, state} = scene({wizard: new Person({}), text})
    const {created, changed} = await run({compute: 'ec2'})
    assert.deepEqual([created, changed], [false, true])
    assert.match(state.text ?? '', /# Ours[^]*preset: standard[^]*tag: old[^]*compute: ec2/)
    const same = scene({text: state.text ?? ''})
    assert.equal((await same.run({environment: 'prod'})).changed, false)
  })

  it('leaves an environment the address range that it has by saying none, though its own VPC takes it', async () => {
    const text = `version: 1\nenvironments:\n  prod: {region: eu-west-1, domain: {httpOnly: true}}\n`
    const {run, state} = scene({text})
    await run({environment: 'prod', compute: 'ec2'})
    assert.match(state.text ?? '', /compute: ec2[^]*cidr: 10\.20\.0\.0\/16/)
    assert.match(packageTexts().get('network.yaml') ?? '', /VpcCidr: \{Type: String, Default: 10\.20\.0\.0\/16,/)
  })

  it('goes straight on with an environment that is there, where no answer is to change', async () => {
    const text = `version: 1\nenvironments:\n  prod: {region: eu-west-1, preset: standard, domain: {httpOnly: true}}\n`
    const wizard = new Person({}, false)
    const {run, state} = scene({wizard, text})
    await run({environment: 'prod'})
    assert.equal(wizard.asked[0], 'prod is in pi-aws.yaml: change its answers')
    // What the file leaves open is asked, and what it says is not.
    assert.deepEqual(
      ['region', 'preset', 'host'].filter((id) => wizard.asked.includes(id)),
      [],
    )
    assert.ok(wizard.asked.includes('zones'))
    assert.match(state.text ?? '', /preset: standard/)
  })

  it('without anybody to ask names the flag that is missing or wrong', async () => {
    const bare = (given: Answers, around?: Nearby) =>
      scene({...(around === undefined ? {} : {nearby: around})}).run(given)
    await assert.rejects(bare({}), refusal('VALUE_MISSING', /--region/))
    await assert.rejects(bare({region: 'eu-west-1'}), refusal('VALUE_MISSING', /--host/))
    await assert.rejects(
      bare({region: 'eu-west-1', preset: 'tiny'}),
      refusal('INVALID_VALUE', /--preset: must be one of/),
    )
    await assert.rejects(bare({environment: 'Prod'}), refusal('INVALID_VALUE', /^Invalid value: ENVIRONMENT: /))
    const vpc: Answers = {region: 'eu-west-1', vpc: 'vpc-0b'}
    await assert.rejects(bare(vpc, denied), refusal('VALUE_MISSING', /--vpc-cidr/))
    await assert.rejects(bare(vpc), refusal('VALUE_MISSING', /--vpc-cidr/))
  })

  it('writes nothing with --dry-run, nor over a file that it cannot understand', async () => {
    const {run, state} = scene({})
    const given: Partial<Record<AnswerId, string>> = {region: 'eu-west-1', host: 'none'}
    assert.equal((await run(given, {dryRun: true})).changed, false)
    assert.equal(state.text, undefined)
    await assert.rejects(scene({text: 'version: 2\n'}).run(given), refusal('NEWER_CONFIGURATION'))
  })
})
