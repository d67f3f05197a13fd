import assert from 'node:assert/strict'
import {isVaulted} from '../../src/cli/vaulted-flag.ts'
import {parseLine, surface, withVariables} from './command-line.ts'

const opId = '20261122T101500Z-deploy-1a2b3c'

/** A command line, and what must come out of it; everything else keeps its default. */
const table: readonly (readonly [line: string, args: object, flags: object])[] = [
  ['autocomplete fish --json', {shell: 'fish'}, {json: true}],
  ['alarms list prod --exit-code', {environment: 'prod'}, {'exit-code': true}],
  ['alarms history cpu --since 2d -e prod', {name: 'cpu'}, {since: '2d', environment: 'prod'}],
  [
    'alarms silence cpu health --for 2h --dry-run -e prod',
    {name: ['cpu', 'health']},
    {for: '2h', undo: false, all: false, 'dry-run': true},
  ],
  [
    'logs export dashboard events --since 7d --out w --gzip',
    {service: ['dashboard', 'events']},
    {since: '7d', out: 'w', gzip: true},
  ],
  ['metrics database --since 7d --out m.png', {service: ['database']}, {since: '7d', out: 'm.png', utc: false}],
  ['config migrate --dry-run --config x.yaml', {}, {'dry-run': true, config: 'x.yaml'}],
  [
    'config set database.multiAz true -e prod',
    {key: 'database.multiAz', value: 'true'},
    {environment: 'prod', unset: false, shared: false, 'dry-run': false},
  ],
  ['config set logDays --unset --shared', {key: 'logDays', value: undefined}, {unset: true, shared: true}],
  ['config show prod', {environment: 'prod'}, {local: false, config: undefined}],
  ['config validate --local', {}, {local: true}],
  ['datasheet demo --local --markdown', {environment: 'demo'}, {local: true, markdown: true}],
  [
    'datasheet -e prod --config x.yaml',
    {environment: undefined},
    {environment: 'prod', config: 'x.yaml', local: false, markdown: false},
  ],
  ['registry mirror prod --tag 2026_11 --dry-run', {environment: 'prod'}, {tag: '2026_11', 'dry-run': true}],
  ['db tunnel prod', {environment: 'prod'}, {port: 13_306, print: false}],
  ['db tunnel --port 3307 --print -e prod', {environment: undefined}, {port: 3307, print: true, environment: 'prod'}],
  [
    'deploy',
    {environment: undefined},
    {
      part: undefined,
      yes: false,
      'no-wait': false,
      'continue-rollback': false,
      timeout: undefined,
      output: 'text',
      json: false,
      verbose: false,
      local: false,
    },
  ],
  ['deploy prod --yes --json', {environment: 'prod'}, {yes: true, json: true}],
  ['deploy prod -y -v -e prod', {environment: 'prod'}, {yes: true, verbose: true, environment: 'prod'}],
  ['deploy --part network --part files prod', {environment: 'prod'}, {part: ['network', 'files']}],
  ['deploy prod --timeout 90s', {environment: 'prod'}, {timeout: 90_000}],
  ['deploy prod --timeout 30m', {environment: 'prod'}, {timeout: 1_800_000}],
  ['deploy prod --timeout 2h --no-wait', {environment: 'prod'}, {timeout: 7_200_000, 'no-wait': true}],
  [
    'deploy prod --plan p.json --allow-replacement Database --allow-replacement Data.X',
    {environment: 'prod'},
    {plan: 'p.json', 'allow-replacement': ['Database', 'Data.X']},
  ],
  [
    'deploy prod --licence-file - --registry-username u --registry-password-file t',
    {environment: 'prod'},
    {'licence-file': '-', 'registry-username': 'u', 'registry-password-file': 't'},
  ],
  [
    'deploy prod --continue-rollback --cfn-role-arn arn:x',
    {environment: 'prod'},
    {'continue-rollback': true, 'cfn-role-arn': 'arn:x'},
  ],
  [
    'deploy prod --continue-rollback --skip-resource Renderer.EcsService --skip-resource LoadBalancer --confirm prod',
    {environment: 'prod'},
    {'skip-resource': ['Renderer.EcsService', 'LoadBalancer'], confirm: 'prod'},
  ],
  [
    'destroy demo --confirm demo --with-data --confirm-data demo',
    {environment: 'demo'},
    {confirm: 'demo', 'with-data': true, 'confirm-data': 'demo', yes: false},
  ],
  [
    'destroy demo --local --yes',
    {environment: 'demo'},
    {local: true, yes: true, confirm: undefined, 'with-data': false},
  ],
  ['diagnose prod --bundle b.zip', {environment: 'prod'}, {bundle: 'b.zip'}],
  ['drift prod --json', {environment: 'prod'}, {json: true}],
  [
    'upgrade prod --tag 2026_11 --to-template --dry-run --yes',
    {environment: 'prod'},
    {
      tag: '2026_11',
      'to-template': true,
      'dry-run': true,
      'snapshot-first': true,
      rollback: false,
      consistency: 'strict',
    },
  ],
  [
    'upgrade --rollback --no-snapshot-first --confirm demo',
    {},
    {rollback: true, 'snapshot-first': false, confirm: 'demo'},
  ],
  ['env list --offline', {}, {offline: true}],
  ['env use prod', {environment: 'prod'}, {none: false}],
  ['env show prod', {environment: 'prod'}, {local: false}],
  ['env remove prod --forget --yes', {environment: 'prod'}, {forget: true, yes: true}],
  [
    'secret rotate database -e prod --dry-run --yes',
    {secret: 'database'},
    {'dry-run': true, yes: true, environment: 'prod'},
  ],
  [
    'secret rotate registry --registry-username u --registry-password-file -',
    {secret: 'registry'},
    {'registry-username': 'u', 'registry-password-file': '-', 'licence-file': undefined},
  ],
  ['exec dashboard --timeout 5m -- ls -l', {service: 'dashboard'}, {timeout: 300_000, attach: false}],
  ['exec dashboard --attach --task abc', {service: 'dashboard'}, {attach: true, task: 'abc'}],
  ['service list prod', {environment: 'prod'}, {}],
  ['service deployments dashboard -e prod', {service: 'dashboard'}, {environment: 'prod'}],
  [
    'service restart scheduler --no-wait --timeout 5m',
    {service: 'scheduler'},
    {'no-wait': true, 'dry-run': false, timeout: 300_000},
  ],
  ['service scale pirana 3 --dry-run', {service: 'pirana', count: 3}, {'dry-run': true}],
  ['service abort renderer --json', {service: 'renderer'}, {json: true}],
  ['status prod -w', {environment: 'prod'}, {watch: true}],
  ['licence set prod --file licence.txt', {environment: 'prod'}, {file: 'licence.txt'}],
  ['registry login prod --username u --password-file -', {environment: 'prod'}, {username: 'u', 'password-file': '-'}],
  ['ops list prod --limit 5', {environment: 'prod'}, {limit: 5}],
  ['ops list', {environment: undefined}, {limit: 20}],
  [`ops show ${opId} --environment prod`, {operation: opId}, {environment: 'prod'}],
  [`ops resume ${opId} --timeout 1h -y`, {operation: opId}, {timeout: 3_600_000, yes: true}],
  ['ops wait prod --timeout 30m', {target: {environment: 'prod'}}, {timeout: 1_800_000}],
  [`ops wait ${opId}`, {target: {opId}}, {timeout: undefined}],
  [`ops abort ${opId}`, {operation: opId}, {}],
  ['ops unlock prod --force', {environment: 'prod'}, {force: true}],
  ['outputs prod --name Url', {environment: 'prod'}, {name: 'Url'}],
  [
    'plan prod --out p.json --exit-code --part app',
    {environment: 'prod'},
    {out: 'p.json', 'exit-code': true, part: ['app']},
  ],
  [
    'preflight prod --strict --skip registry --skip quotas --create-service-linked-roles --part app --cfn-role-arn arn:x',
    {environment: 'prod'},
    {
      strict: true,
      skip: ['registry', 'quotas'],
      'create-service-linked-roles': true,
      part: ['app'],
      'cfn-role-arn': 'arn:x',
    },
  ],
  ['preflight', {environment: undefined}, {strict: false, skip: undefined, 'create-service-linked-roles': false}],
  ['deploy prod --strict --skip clock', {environment: 'prod'}, {strict: true, skip: ['clock']}],
  ['policy print prod --name pi-aws-app', {environment: 'prod'}, {name: 'pi-aws-app'}],
  [
    'status prod --region eu-west-1 --profile p --role-arn r --endpoint-url http://127.0.0.1:1',
    {environment: 'prod'},
    {region: 'eu-west-1', profile: 'p', 'role-arn': 'r', 'endpoint-url': 'http://127.0.0.1:1'},
  ],
  [
    'upload assets --category images --category svg ./a --prune --dry-run --checksum --follow-symlinks -e prod',
    {folder: './a'},
    {category: ['images', 'svg'], prune: true, 'dry-run': true, checksum: true, 'follow-symlinks': true},
  ],
  [
    'snapshot create prod --consistency live --note n --tag a --tag b --max-quiesce 5m',
    {environment: 'prod'},
    {consistency: 'live', note: 'n', tag: ['a', 'b'], 'max-quiesce': 300_000},
  ],
  [
    'snapshot create',
    {environment: undefined},
    {consistency: 'strict', note: '', tag: undefined, 'max-quiesce': undefined, vaulted: false},
  ],
  ['snapshot create prod --vaulted', {environment: 'prod'}, {vaulted: true}],
  ['snapshot create prod --no-vaulted', {environment: 'prod'}, {vaulted: false}],
  ['restore plan latest --vaulted', {snapshot: {kind: 'latest'}}, {vaulted: true}],
  ['restore run latest', {snapshot: {kind: 'latest'}}, {vaulted: false}],
  ['snapshot list prod --incomplete', {environment: 'prod'}, {incomplete: true}],
  ['snapshot show latest -e prod', {snapshot: {kind: 'latest'}}, {environment: 'prod'}],
  [
    'snapshot delete 20261122t10 --confirm prod --last',
    {snapshot: {kind: 'prefix', text: '20261122t10'}},
    {confirm: 'prod', last: true, yes: false},
  ],
  ['snapshot gc demo', {environment: 'demo'}, {timeout: undefined}],
  [
    'snapshot prune prod --keep-last 3 --keep-tag a --dry-run',
    {environment: 'prod'},
    {'keep-last': 3, 'keep-daily': 0, 'keep-tag': ['a'], 'dry-run': true},
  ],
  ['snapshot copy latest -e prod --into standby', {snapshot: {kind: 'latest'}}, {into: 'standby'}],
  ['snapshot export latest -e prod --out set', {snapshot: {kind: 'latest'}}, {out: 'set'}],
  ['snapshot verify latest -e prod --content', {snapshot: {kind: 'latest'}}, {content: true}],
  [
    'restore run latest -e prod --only database --safety live --confirm prod --plan r.json --into standby',
    {snapshot: {kind: 'latest'}},
    {only: ['database'], safety: 'live', confirm: 'prod', plan: 'r.json', into: 'standby'},
  ],
  [
    'restore plan 2026 -e prod --out r.json',
    {snapshot: {kind: 'prefix', text: '2026'}},
    {out: 'r.json', only: undefined},
  ],
  ['restore resume prod', {environment: 'prod'}, {timeout: undefined}],
  ['restore status prod', {environment: 'prod'}, {local: false}],
  ['restore undo prod --yes', {environment: 'prod'}, {yes: true, restore: undefined}],
  ['restore finalize prod --now --confirm prod', {environment: 'prod'}, {now: true, confirm: 'prod'}],
  ['upload assets ./a', {folder: './a'}, {category: undefined, prune: false, 'dry-run': false, checksum: false}],
  ['assets list --no-efs', {folder: undefined}, {'no-efs': true}],
  ['assets status ./a --category themes', {folder: './a'}, {category: ['themes'], 'no-efs': false}],
  ['assets diff ./a --exit-code', {folder: './a'}, {'exit-code': true}],
  ['assets download ./b --category locale', {folder: './b'}, {category: ['locale']}],
  ['sideload prod --json', {environment: 'prod'}, {json: true}],
  [
    'sideload start prod --prune --no-wait --timeout 1h',
    {environment: 'prod'},
    {prune: true, 'no-wait': true, timeout: 3_600_000},
  ],
  ['sideload start', {environment: undefined}, {prune: false, 'no-wait': false}],
  ['sideload verify prod --thorough', {environment: 'prod'}, {thorough: true}],
  ['files ls themes -R -e prod', {path: 'themes'}, {recursive: true, environment: 'prod'}],
  ['files ls', {path: undefined}, {recursive: false}],
  ['files get svg/a.svg --out b.svg', {path: 'svg/a.svg'}, {out: 'b.svg'}],
  ['quotas check prod --for update --allow-unknown', {environment: 'prod'}, {for: 'update', 'allow-unknown': true}],
  ['quotas check', {environment: undefined}, {for: 'deploy', 'allow-unknown': false}],
  ['quotas list prod --json', {environment: 'prod'}, {json: true}],
  ['quotas request vpcs --to 9 -e prod', {key: 'vpcs'}, {to: 9, environment: 'prod'}],
  ['quotas request vpcs', {key: 'vpcs'}, {to: undefined}],
  ['quotas history prod', {environment: 'prod'}, {}],
  [
    'logs dashboard pirana -f --grep a --grep b --exclude c --highlight d --filter e --reorder 2s --utc --raw -e prod',
    {},
    {
      follow: true,
      grep: ['a', 'b'],
      exclude: ['c'],
      highlight: ['d'],
      filter: 'e',
      reorder: 2000,
      utc: true,
      raw: true,
    },
  ],
  [
    'logs --since 2h --until 1h --previous --limit 5',
    {service: undefined},
    {since: '2h', until: '1h', previous: true, limit: 5},
  ],
  ['logs', {service: undefined}, {since: '10m', reorder: undefined, follow: false, live: false, limit: undefined}],
  ['logs pirana --live', {service: ['pirana']}, {live: true, follow: false}],
  [
    'logs query errors --since 2h --csv --service pirana',
    {name: 'errors'},
    {since: '2h', csv: true, service: ['pirana']},
  ],
  ['logs query --list', {name: undefined}, {list: true, since: '10m'}],
  ['upload lambda prod --output ndjson', {environment: 'prod'}, {output: 'ndjson'}],
  ['local start --port 4600 --pace 0.02 --region us-east-1', {}, {port: 4600, pace: 0.02, region: 'us-east-1'}],
  ['local start', {}, {port: undefined, pace: undefined, region: undefined}],
  ['local purge --environments', {}, {environments: true}],
  ['local stop --json', {}, {json: true}],
  [
    'init prod --yes --host none --zones 3 --region eu-west-1 --dry-run',
    {environment: 'prod'},
    {yes: true, host: 'none', zones: '3', region: 'eu-west-1', 'dry-run': true, cidr: undefined},
  ],
  ['local reset', {}, {json: false}],
  ['local status', {}, {output: 'text'}],
]

describe('whether a set is vaulted', () => {
  it('is said by the command line or its variable, and by the configuration where they say nothing', async () => {
    const inVault = {recovery: {vaulted: true}}
    const said = async (...words: string[]) => {
      const {flags, metadata} = await parseLine(['snapshot', 'create', 'prod', ...words])
      const parsed = {flags: {vaulted: flags['vaulted'] === true}, metadata}
      return [isVaulted(parsed, {}), isVaulted(parsed, inVault), isVaulted(parsed, {recovery: {vaulted: false}})]
    }
    assert.deepEqual(await said(), [false, true, false])
    assert.deepEqual(await said('--vaulted'), [true, true, true])
    assert.deepEqual(await said('--no-vaulted'), [false, false, false])
    assert.deepEqual(await withVariables({PI_AWS_VAULTED: 'true'}, () => said()), [true, true, true])
    assert.deepEqual(await withVariables({PI_AWS_VAULTED: 'false'}, () => said()), [false, false, false])
  })
})

describe('a command line', () => {
  for (const [line, args, flags] of table) {
    it(`means what it says: ${line}`, async () => {
      const parsed = await parseLine(line.split(' '))
      for (const [name, value] of Object.entries(args)) assert.deepEqual(parsed.args[name], value, name)
      for (const [name, value] of Object.entries(flags)) assert.deepEqual(parsed.flags[name], value, name)
    })
  }

  for (const word of ['status', 'wait', 'cancel']) {
    it(`takes an operation or an environment: sideload ${word}`, async () => {
      const byId = await parseLine(['sideload', word, opId])
      const byName = await parseLine(['sideload', word, 'prod'])
      assert.deepEqual([byId.args['target'], byName.args['target']], [{opId}, {environment: 'prod'}])
      assert.equal((await parseLine(['sideload', word])).args['target'], undefined)
    })
  }

  it('is in the table for every command there is', async () => {
    const {config} = await surface()
    const missing = config.commandIDs.filter(
      (id) =>
        !/^sideload:(status|wait|cancel)$/.test(id) &&
        !table.some(([line]) => `${line} `.startsWith(`${id.replaceAll(':', ' ')} `)),
    )
    assert.deepEqual(missing, [])
  })
})

/** A value that each kind of flag takes, as text. */
function valueFor(flag: {readonly name: string; readonly type: string; readonly options?: readonly string[]}): string {
  if (flag.type === 'boolean') return 'true'
  const values: Readonly<Record<string, string>> = {
    region: 'eu-west-2',
    reorder: '2s',
    timeout: '5m',
    environment: 'staging',
    part: 'app',
    limit: '7',
    port: '4599',
    'endpoint-url': 'http://127.0.0.1:4599',
    pace: '0.5',
    to: '9',
    'max-quiesce': '5m',
    only: 'files',
    service: 'dashboard',
    rows: '7',
    ...Object.fromEntries(
      ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'].map((period) => [`keep-${period}`, '3']),
    ),
  }
  return values[flag.name] ?? flag.options?.[1] ?? 'some-value'
}

const argumentWords: Readonly<Record<string, string>> = {
  shell: 'bash',
  environment: 'prod',
  secret: 'database',
  snapshot: 'latest',
  service: 'dashboard',
  count: '1',
}

describe('a variable of the environment', () => {
  it('says the same as the flag, for every flag of every command', async function () {
    // Two command lines for each flag: they are some hundred, and become more with each command.
    this.timeout(60_000)
    const {manifest} = await surface()
    const faults: string[] = []
    let seen = 0
    for (const [id, command] of Object.entries(manifest.commands)) {
      for (const flag of Object.values(command.flags)) {
        if (flag.env === undefined) continue
        seen += 1
        const value = valueFor(flag)
        // Two flags that only go together are set together, and so is one that no line goes without.
        const wanted = Object.values(command.flags).filter(
          ({required, name}) => required === true && name !== flag.name,
        )
        const others = Object.fromEntries(
          [...(flag.dependsOn ?? []), ...wanted.map(({name}) => name)].map((name) => [
            command.flags[name]?.env ?? '',
            'some-value',
          ]),
        )
        const argument = Object.values(command.args).flatMap(({name, required}) =>
          required === true ? [argumentWords[name] ?? opId] : [],
        )
        const line = [...id.split(':'), ...argument]
        const byVariable = await withVariables({[flag.env]: value, ...others}, () => parseLine(line))
        const words = flag.type === 'boolean' ? [`--${flag.name}`] : [`--${flag.name}`, value]
        const byFlag = await withVariables(others, () => parseLine([...line, ...words]))
        if (JSON.stringify(byVariable.flags[flag.name]) !== JSON.stringify(byFlag.flags[flag.name]))
          faults.push(`${id} --${flag.name}`)
      }
    }
    assert(seen > 150, `only ${seen} flags were tried`)
    assert.deepEqual(faults, [])
  })

  it('of a flag that may be repeated holds its values with commas between', async () => {
    const {flags} = await withVariables({PI_AWS_PART: 'app, files', PI_AWS_ALLOW_REPLACEMENT: 'A'}, () =>
      parseLine(['deploy']),
    )
    assert.deepEqual([flags['part'], flags['allow-replacement']], [['app', 'files'], ['A']])
  })

  it('is overruled by the flag, also where that may be repeated', async () => {
    const {flags} = await withVariables({PI_AWS_PART: 'app,files'}, () => parseLine(['deploy', '--part=network']))
    assert.deepEqual(flags['part'], ['network'])
  })

  it('is overruled by the flag', async () => {
    const {flags} = await withVariables({PI_AWS_TIMEOUT: '5m', PI_AWS_OUTPUT: 'json'}, () =>
      parseLine('deploy --timeout 1h --output text'.split(' ')),
    )
    assert.deepEqual([flags['timeout'], flags['output']], [3_600_000, 'text'])
  })
})
