import assert from 'node:assert/strict'
import {parseConfiguration} from '../../../src/domain/configuration-text.ts'
import {type Answers, answersOf, commandFor, editsFor, usualRange} from '../../../src/domain/init/answers.ts'
import {draftOf, fileWith, problemOf} from '../../../src/domain/init/check.ts'
import {effectOf} from '../../../src/domain/init/effect.ts'
import {covers, liesIn, questions} from '../../../src/domain/init/questions.ts'
import {demo, environmentOf, packageTemplates, refusal} from '../samples.ts'

const arn = 'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b'
const trial: Answers = {
  environment: 'demo',
  region: 'eu-west-1',
  account: 'none',
  preset: 'small',
  compute: 'fargate',
  vpc: 'new',
  cidr: '10.20.0.0/16',
  zones: '2',
  nat: 'one',
  host: 'none',
  'image-tag': '2026_10',
  notify: 'none',
  'assets-folder': 'none',
}
const named: Answers = {
  ...trial,
  account: '123456789012',
  zones: 'eu-west-1a,eu-west-1c',
  host: 'bi.example.com',
  'hosted-zone': 'Z0123456789',
  certificate: 'request',
  notify: 'o@example.com',
  'assets-folder': 'my assets',
}
const existing: Answers = {
  ...trial,
  vpc: 'vpc-0a',
  'vpc-cidr': '10.0.0.0/16',
  'public-subnets': 'subnet-0a,subnet-0b',
  'application-subnets': 'subnet-0a,subnet-0b',
  'data-subnets': 'subnet-0a,subnet-0b',
  host: 'bi.example.com',
  'hosted-zone': 'none',
  certificate: arn,
  cidr: undefined as never,
  zones: undefined as never,
  nat: undefined as never,
}

const question = (id: string) => questions.find((one) => one.id === id) ?? assert.fail(id)

describe('answers of init', () => {
  it('know the range that the template takes where the file says none', () => {
    assert.equal(packageTemplates().get('network')?.Parameters['VpcCidr']?.Default, usualRange)
  })

  it('become a file that reads well, block by block', () => {
    assert.equal(
      fileWith(undefined, trial),
      `version: 1
environments:
  demo:
    region: eu-west-1
    preset: small
    compute: fargate
    network:
      cidr: 10.20.0.0/16
      zones: 2
      nat: one
    domain:
      httpOnly: true
    images:
      tag: 2026_10
`,
    )
    for (const answers of [trial, named, existing]) parseConfiguration('x', fileWith(undefined, answers))
  })

  it('come back from the file that they made', () => {
    for (const answers of [trial, named, existing]) {
      const found = parseConfiguration('x', fileWith(undefined, answers)).configuration.environments['demo']!
      const said = Object.entries(answers).filter(([, text]) => text !== undefined && text !== 'none')
      const back = answersOf('demo', found)
      for (const [id, text] of said) assert.equal(back[id as keyof Answers], text, id)
      assert.equal(fileWith(undefined, back), fileWith(undefined, answers))
    }
  })

  it('leave everything in the file that they do not speak of', () => {
    const text =
      '# Ours\nversion: 1\nenvironments:\n  demo: # pays\n    region: eu-west-1\n    waf: true # really\n    preset: small\n'
    const after = fileWith(text, {
      ...answersOf('demo', parseConfiguration('x', text).configuration.environments['demo']!),
      preset: 'large',
    })
    assert.match(after, /# Ours[^]*# pays[^]*waf: true # really\n {4}preset: large\n/)
  })

  it('change nothing that stands already', () => {
    assert.deepEqual(editsFor({environment: 'demo', preset: 'small'}, {preset: 'small'}), [])
    assert.deepEqual(
      editsFor({environment: 'demo', host: 'none'}, {domain: {host: 'a.example.com'}}).map(({path, value}) => [
        path.join('.'),
        value,
      ]),
      [
        ['environments.demo.domain.host', undefined],
        ['environments.demo.domain.httpOnly', true],
      ],
    )
  })

  it('are one command line that gives the same', () => {
    assert.equal(
      commandFor({...named, preset: undefined as never}, '--local'),
      "pi-aws init demo --yes --region eu-west-1 --account 123456789012 --compute fargate --vpc new --cidr 10.20.0.0/16 --zones eu-west-1a,eu-west-1c --nat one --host bi.example.com --hosted-zone Z0123456789 --certificate request --image-tag 2026_10 --notify o@example.com --assets-folder 'my assets' --local",
    )
    assert.match(commandFor({'assets-folder': "it's"}, ''), /--assets-folder 'it'\\''s'$/)
  })
})

describe('an answer', () => {
  const table: readonly (readonly [id: string, text: string, says: RegExp | undefined, answers?: Answers])[] = [
    ['environment', 'prod', undefined],
    ['environment', 'Prod', /"Prod" does not fit/],
    ['environment', ' ', /an answer is needed/],
    ['environment', 'x'.repeat(10_000), /10000 characters are too many/],
    ['region', 'Europe', /must be an AWS region/],
    ['region', 'eu-west-1', undefined],
    ['preset', 'tiny', /must be one of small, standard, large/],
    ['cidr', '10.0.0.0/8', /must be between \/16 and \/22/],
    ['cidr', 'a\nb', /must be one line/],
    ['zones', '4', /must be 2, 3, or two or three names/],
    ['zones', 'eu-west-1a,eu-west-1b', undefined],
    ['host', 'BI', /must be a domain name/],
    ['host', 'none', undefined],
    ['hosted-zone', 'example.com', /must be the id of a hosted zone/, {host: 'bi.example.com'}],
    ['certificate', 'none', /without a certificate there is no TLS/, {host: 'bi.example.com'}],
    ['certificate', 'request', undefined, {host: 'bi.example.com'}],
    ['certificate', 'mine', /must be the ARN/, {host: 'bi.example.com'}],
    ['notify', 'nobody', /Invalid email address|must be/],
    ['public-subnets', ',', /an answer is needed/, {vpc: 'vpc-0a'}],
    ['public-subnets', 'subnet-1', /must be a list of 2 at least/, {vpc: 'vpc-0a'}],
    ['assets-folder', './mine', undefined],
  ]
  for (const [id, text, says, answers = {}] of table) {
    it(`${id} ${JSON.stringify(text.slice(0, 30))} ${says === undefined ? 'will do' : 'will not do, in words'}`, () => {
      const problem = problemOf(question(id), text, answers)
      if (says === undefined) assert.equal(problem, undefined)
      else assert.match(problem ?? '', says)
    })
  }

  it('is proposed where there is a usual one: a free range, a hosted zone for a certificate', () => {
    const none = {taken: []}
    assert.equal(question('cidr').proposed?.({}, none), '10.20.0.0/16')
    assert.equal(question('cidr').proposed?.({}, {taken: ['10.16.0.0/12', 'nonsense']}), '10.32.0.0/16')
    assert.equal(question('cidr').proposed?.({}, {taken: ['10.0.0.0/8']}), '10.20.0.0/16')
    assert.equal(question('zones').proposed?.({preset: 'large'}, none), '3')
    assert.equal(question('nat').proposed?.({preset: 'large'}, none), 'per-zone')
    assert.equal(question('nat').proposed?.({}, none), 'one')
    assert.equal(question('certificate').proposed?.({'hosted-zone': 'none'}, none), undefined)
    assert.equal(question('certificate').proposed?.({'hosted-zone': 'Z1'}, none), 'request')
    for (const id of ['environment', 'account', 'hosted-zone', 'notify', 'assets-folder', 'vpc', 'compute', 'preset'])
      assert.equal(typeof question(id).proposed?.({}, none), 'string', id)
  })
})

describe('names', () => {
  it('lie in their zones and are covered by certificates', () => {
    assert.ok(liesIn('bi.example.com', 'example.com') && liesIn('example.com', 'example.com'))
    assert.ok(!liesIn('bi.badexample.com', 'example.com'))
    assert.ok(covers('*.example.com', 'bi.example.com') && covers('bi.example.com', 'bi.example.com'))
    assert.ok(!covers('*.example.com', 'a.bi.example.com') && !covers('example.com', 'bi.example.com'))
  })
})

describe('the effect of answers', () => {
  const templates = packageTemplates()

  it('is one line, with what the account may have where that is known', () => {
    const line = effectOf(demo, environmentOf({domain: {httpOnly: true}}), templates, {vcpu: 4, addresses: 5})
    assert.match(
      line,
      /^\d+ resources in \d+ stacks, 6 Fargate vCPU at a release \(the account has 4: ask for more\), 1 NAT, 1 Elastic IP of 5, db\.t4g\.medium$/,
    )
    const large = effectOf(
      demo,
      environmentOf({domain: {httpOnly: true}, preset: 'large', compute: 'ec2'}),
      templates,
      {},
    )
    assert.match(large, /^[^F]*3 NAT, 3 Elastic IP, db\.m6g\.xlarge with standby$/)
  })

  it('is known as soon as the answers fit together, and not before', () => {
    assert.equal(draftOf({environment: 'demo', region: 'eu-west-1'})?.preset, 'small')
    assert.equal(draftOf({})?.region, 'eu-west-1')
    assert.equal(draftOf({vpc: 'vpc-0a'}), undefined)
  })
})

describe('an environment without the right name', () => {
  it('is not edited into the file', () => {
    assert.throws(
      () => parseConfiguration('x', fileWith(undefined, {...trial, environment: 'Bad Name'})),
      refusal('INVALID_CONFIGURATION'),
    )
  })
})
