import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {Facts, ServiceFacts, StackFacts, TaskEnd} from '../../src/domain/diagnosis/facts.ts'
import {redact, redacted, removed} from '../../src/domain/diagnosis/redact.ts'
import {diagnose} from '../../src/domain/diagnosis/rules.ts'

const well: Facts = {
  environment: 'prod',
  now: '2026-11-22T12:00:00.000Z',
  deployed: true,
  quiesced: false,
  stacks: [stack()],
  operations: [],
  services: [service()],
  alarms: [],
  overdue: [],
  alarmsOff: [],
  changes: [],
  errors: [],
  certificate: {arn: 'arn:cert', status: 'ISSUED', notAfter: '2027-03-01T00:00:00.000Z'},
  zone: {id: 'Z1', found: true},
  database: {identifier: 'db', status: 'available', size: 100, free: 50, credits: 100},
  files: {id: 'fs-1', state: 'available', credits: 2 ** 40},
  backup: {last: '2026-11-22T01:00:00.000Z', failed: [], deployedAt: '2026-01-01T00:00:00.000Z'},
  unknown: [],
}

function stack(more: Partial<StackFacts> = {}): StackFacts {
  return {
    part: 'app',
    stack: 'pi-prod-app',
    status: 'UPDATE_COMPLETE',
    meaning: 'it was updated',
    healthy: true,
    ...more,
  }
}

function service(more: Partial<ServiceFacts> = {}): ServiceFacts {
  return {name: 'dashboard', running: 1, desired: 1, wanted: true, stopped: [], events: [], ...more}
}

function ended(reason: string, exitCode?: number, why?: string): TaskEnd {
  return {
    reason,
    containers: [
      {name: 'dashboard', ...(exitCode === undefined ? {} : {exitCode}), ...(why === undefined ? {} : {reason: why})},
    ],
  }
}

const cause = (reason: string) => ({
  stack: 'pi-prod-app-X',
  logicalId: 'EcsService',
  type: 'AWS::ECS::Service',
  status: 'UPDATE_FAILED',
  reason,
  at: '2026-11-22T11:00:00.000Z',
})

/** What differs from a well environment, what is found first, and a command that is proposed. */
const table: readonly (readonly [
  name: string,
  facts: Partial<Facts>,
  what: RegExp,
  why: RegExp,
  next: RegExp | undefined,
])[] = [
  [
    'a quota',
    {stacks: [stack({healthy: false, cause: cause('The maximum number of addresses has been reached.')})]},
    /quota of the account/,
    /addresses/,
    /Service Quotas/,
  ],
  [
    'a failed stack',
    {stacks: [stack({meaning: 'its update failed', cause: cause('no such subnet')})]},
    /^app: its update failed$/,
    /^EcsService: no such subnet$/,
    /^pi-aws deploy prod$/,
  ],
  [
    'a rollback that failed',
    {stacks: [stack({healthy: false, status: 'UPDATE_ROLLBACK_FAILED'})]},
    /app/,
    /no cause/,
    /--continue-rollback/,
  ],
  [
    'an image that is refused as the cause of a failed stack',
    {stacks: [stack({healthy: false, cause: cause('CannotPullContainerError: 401 Unauthorized')})]},
    /app/,
    /registry refuses/,
    /registry login prod/,
  ],
  [
    'refused registry credentials',
    {services: [service({running: 0, stopped: [ended('CannotPullContainerError: pull access denied')]})]},
    /dashboard runs 0 of 1/,
    /registry refuses/,
    /pi-aws registry login prod/,
  ],
  [
    'a missing image',
    {services: [service({running: 0, stopped: [ended('CannotPullContainerError: manifest unknown')]})]},
    /runs 0/,
    /no such image/,
    /tag/,
  ],
  [
    'an image that cannot be fetched',
    {services: [service({running: 0, stopped: [ended('CannotPullContainerError: i/o timeout')]})]},
    /runs 0/,
    /cannot be fetched/,
    /NAT/,
  ],
  [
    'a missing secret',
    {services: [service({running: 0, stopped: [ended('ResourceInitializationError: unable to pull secrets')]})]},
    /runs 0/,
    /secret/,
    /licence set prod/,
  ],
  [
    'a mount that fails',
    {services: [service({running: 0, stopped: [ended('ResourceInitializationError: failed to invoke EFS utils')]})]},
    /runs 0/,
    /file system/,
    /deploy prod/,
  ],
  [
    'too little memory',
    {services: [service({running: 0, stopped: [ended('Essential container exited', 137, 'OutOfMemoryError')]})]},
    /runs 0/,
    /memory/,
    /preset/,
  ],
  [
    'failing health checks',
    {services: [service({running: 0, stopped: [ended('Task failed ELB health checks')]})]},
    /runs 0/,
    /health check/,
    /--previous/,
  ],
  [
    'no capacity',
    {services: [service({running: 0, events: ['unable to place a task: RESOURCE:MEMORY']})]},
    /runs 0/,
    /no room/,
    /zones/,
  ],
  [
    'a quota of tasks',
    {services: [service({running: 0, events: ["You've reached the limit on vCPUs: quota"]})]},
    /runs 0/,
    /quota/,
    /logs dashboard/,
  ],
  [
    'a service set to nothing',
    {services: [service({running: 0, desired: 0, events: ['has reached a steady state.']})]},
    /^dashboard is set to run no task$/,
    /somebody set its number to none/,
    /service scale dashboard 1/,
  ],
  [
    'a service set to nothing after its tasks had crashed',
    {services: [service({running: 0, desired: 0, stopped: [ended('Essential container in task exited', 1)]})]},
    /^dashboard is set to run no task; a task of it stopped lately$/,
    /exit code 1/,
    /logs dashboard .*--previous/,
  ],
  [
    'a task that crashed',
    {services: [service({stopped: [ended('Essential container in task exited', 1)]})]},
    /runs again; a task/,
    /exit code 1/,
    /--previous/,
  ],
  [
    'tasks that crashed',
    {services: [service({stopped: [ended('x', 1), ended('y', 2)]})]},
    /2 tasks/,
    /x/,
    /--previous/,
  ],
  ['no reason at all', {services: [service({running: 0})]}, /runs 0/, /no reason/, /logs/],
  [
    'an unhealthy target',
    {services: [service({targets: {healthy: 0, total: 1, reasons: ['unhealthy: 502']}})]},
    /0 healthy of 1/,
    /502/,
    /logs dashboard/,
  ],
  [
    'no target',
    {services: [service({targets: {healthy: 0, total: 0, reasons: []}})]},
    /0 healthy of 0/,
    /no task is registered/,
    /logs/,
  ],
  [
    'an unfinished operation',
    {operations: [{opId: 'o1', kind: 'deploy', state: 'open'}]},
    /A deploy is open/,
    /did not come/,
    /ops show o1/,
  ],
  [
    'a failed operation',
    {operations: [{opId: 'o1', kind: 'deploy', state: 'failed', reason: 'no'}]},
    /A deploy failed/,
    /^no$/,
    /ops show o1/,
  ],
  [
    'a database that stopped',
    {database: {identifier: 'db', status: 'stopped', size: 0}},
    /database is stopped/,
    /connections/,
    /logs database/,
  ],
  [
    'a full disk',
    {database: {identifier: 'db', status: 'available', size: 2 ** 34, free: 2 ** 30}},
    /storage/,
    /1\.0 of 16 GiB/,
    /Raise/,
  ],
  [
    'spent CPU credits',
    {database: {identifier: 'db', status: 'available', size: 0, credits: 1}},
    /credits/,
    /more than its class/,
    /class/,
  ],
  [
    'a file system that is gone',
    {files: {id: 'fs-1', state: 'not there'}},
    /file system is not there/,
    /mount/,
    undefined,
  ],
  [
    'spent burst credits',
    {files: {id: 'fs-1', state: 'available', credits: 5}},
    /burst credits/,
    /moved/,
    /throughput/,
  ],
  [
    'a certificate that is not issued',
    {certificate: {arn: 'a', status: 'PENDING_VALIDATION'}},
    /PENDING/,
    /HTTPS/,
    /ACM/,
  ],
  [
    'a certificate that ends',
    {certificate: {arn: 'a', status: 'ISSUED', notAfter: '2026-11-25T00:00:00.000Z'}},
    /in 2 days/,
    /renewed/,
    /validation/,
  ],
  ['a zone that is gone', {zone: {id: 'Z1', found: false}}, /zone/, /nowhere/, /hostedZone/],
  [
    'an alarm',
    {alarms: [{description: 'the database computes without rest', reason: '> 90', since: 'x'}]},
    /without rest/,
    /90/,
    undefined,
  ],
  [
    'a database that was changed by hand',
    {
      changes: [
        {part: 'database', logicalId: 'Instance', deleted: false, properties: ['/DBInstanceClass', '/MultiAZ']},
      ],
    },
    /^The database was changed by hand$/,
    /in \/DBInstanceClass, \/MultiAZ$/,
    /^pi-aws drift prod$/,
  ],
  [
    'a file system that was removed by hand',
    {changes: [{part: 'files', logicalId: 'FileSystem', deleted: true, properties: []}]},
    /^The file system was removed by hand$/,
    /does not know/,
    /^pi-aws restore plan latest --environment prod$/,
  ],
  [
    'an alarm whose silence is over',
    {overdue: [{alarm: 'pi-prod-app-Cpu-1', until: '2026-11-22T10:00:00.000Z'}]},
    /^An alarm is silent past/,
    /nothing ends a silence by itself/,
    /^pi-aws alarms silence pi-prod-app-Cpu-1 --undo --environment prod$/,
  ],
  [
    'alarms whose silence is over',
    {
      overdue: [
        {alarm: 'a', until: '2026-11-22T10:00:00.000Z'},
        {alarm: 'b', until: '2026-11-22T10:00:00.000Z'},
      ],
    },
    /^2 alarms are silent past/,
    /tell nobody/,
    /silence a b --undo/,
  ],
  [
    'an alarm that somebody switched off',
    {alarmsOff: ['pi-prod-app-Cpu-1']},
    /^An alarm is switched off$/,
    /tell nobody/,
    /^aws cloudwatch enable-alarm-actions --alarm-names pi-prod-app-Cpu-1$/,
  ],
  [
    'alarms that somebody switched off',
    {alarmsOff: ['a', 'b']},
    /^2 alarms are switched off$/,
    /no silence/,
    /--alarm-names a b$/,
  ],
  [
    'a failed backup',
    {
      backup: {
        last: '2026-11-22T01:00:00.000Z',
        failed: ['FAILED backup of x'],
        deployedAt: '2026-01-01T00:00:00.000Z',
      },
    },
    /backup failed/,
    /of x/,
    /logs events/,
  ],
  [
    'old backups',
    {backup: {last: '2026-11-12T01:00:00.000Z', failed: [], deployedAt: '2026-01-01T00:00:00.000Z'}},
    /10 days old/,
    /every day/,
    /logs events/,
  ],
  [
    'no backups',
    {backup: {failed: [], deployedAt: '2026-01-01T00:00:00.000Z'}},
    /There is no backup/,
    /every day/,
    /logs events/,
  ],
  [
    'one error',
    {errors: [{service: 'pirana', count: 1, sample: 'boom'}]},
    /pirana wrote 1 error in/,
    /boom/,
    /logs pirana/,
  ],
  [
    'errors',
    {errors: [{service: 'pirana', count: 7, sample: 'boom'}]},
    /wrote 7 errors/,
    /boom/,
    /--since 15m .*--grep/,
  ],
  ['more', {errors: [{service: 'pirana', count: 7, more: true, sample: 'boom'}]}, /at least 7 errors/, /boom/, /grep/],
  ['nothing deployed', {deployed: false}, /Nothing is deployed/, /prod/, /deploy prod/],
  ['a quiesced platform', {quiesced: true}, /quiesced/, /503/, /ops list prod/],
  [
    'what could not be looked at',
    {unknown: [{what: 'the alarms', why: 'AWS denies it'}]},
    /Not known: the alarms/,
    /denies/,
    undefined,
  ],
]

describe('a diagnosis', () => {
  it('of a well environment finds nothing', () => {
    assert.deepEqual(diagnose(well), [])
    const {certificate: _c, zone: _z, database: _d, files: _f, backup: _b, ...bare} = well
    assert.deepEqual(diagnose(bare), [])
  })

  for (const [name, facts, what, why, next] of table) {
    it(`finds ${name}, and proposes what to do`, () => {
      const findings = diagnose({...well, ...facts})
      assert.equal(findings.length, 1, JSON.stringify(findings))
      const [finding] = findings
      assert.equal(finding!.rank, 1)
      assert.match(finding!.what, what)
      assert.match(finding!.why, why)
      if (next === undefined) assert.deepEqual(finding!.next, [])
      else
        assert.ok(
          finding!.next.some((step) => next.test(step)),
          finding!.next.join(),
        )
    })
  }

  it('takes the cause from the failed operation where the stack only tells of a nested one', () => {
    const vague = {...cause('Embedded stack arn:x was not successfully created'), type: 'AWS::CloudFormation::Stack'}
    const operation = (reason: string) => ({opId: 'o1', kind: 'deploy', state: 'failed', reason})
    const reason =
      'X: Stack pi-prod-app failed (Y: z). First cause: EcsService (AWS::ECS::Service) in pi-prod-app-A: the quota of tasks'
    for (const broken of [stack({cause: vague}), stack({healthy: false, status: 'UPDATE_FAILED'})]) {
      const [first] = diagnose({
        ...well,
        stacks: [broken],
        operations: [operation('Stack pi-prod-app failed, and nobody knows'), operation(reason)],
      })
      assert.match(first!.what, /quota/)
      assert.equal(first!.why, 'the quota of tasks')
    }
    const [other] = diagnose({
      ...well,
      stacks: [stack({cause: vague})],
      operations: [operation('Stack pi-prod-files failed')],
    })
    assert.match(other!.why, /Embedded/)
  })

  it('takes orderly ends of tasks for what they are', () => {
    for (const reason of ['Scaling activity initiated by (deployment ecs-svc/1)', 'Task stopped by user'])
      assert.deepEqual(diagnose({...well, services: [service({stopped: [ended(reason, 143), ended(reason)]})]}), [])
  })

  it('asks nothing of a service that may be at zero, or of a new environment without backups', () => {
    const idle = service({running: 0, desired: 0, wanted: false, targets: {healthy: 0, total: 0, reasons: []}})
    assert.deepEqual(diagnose({...well, services: [idle], backup: {failed: [], deployedAt: well.now}}), [])
  })

  it('names what broke first before what followed: broken stacks, then the older cause, then services, then the rest', () => {
    const facts: Facts = {
      ...well,
      stacks: [
        stack({part: 'operations', cause: {...cause('b'), at: '2026-11-22T11:30:00.000Z'}}),
        stack({part: 'app', cause: {...cause('a'), at: '2026-11-22T11:00:00.000Z'}}),
        stack({part: 'files', healthy: false}),
      ],
      services: [service({running: 0, targets: {healthy: 0, total: 0, reasons: []}})],
      alarms: [{description: 'alarm', reason: '', since: ''}],
      overdue: [{alarm: 'a', until: ''}],
      unknown: [{what: 'x', why: 'y'}],
    }
    const findings = diagnose(facts)
    assert.deepEqual(
      findings.map(({rank}) => rank),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
    assert.deepEqual(
      findings.map(({what}) => what.split(/[: ]/)[0]),
      ['files', 'app', 'operations', 'dashboard', 'dashboard', 'alarm', 'An', 'Not'],
    )
  })
})

describe('what leaves the house', () => {
  const secrets: readonly (readonly [text: string, secret: string])[] = [
    ['PI_DB_PASSWORD=hunter2hunter2', 'hunter2hunter2'],
    ['password: "with blank and, comma"', 'with blank and, comma'],
    ["token = 'abc def'", 'abc def'],
    ['{"licence":"LIC-1234-5678"}', 'LIC-1234-5678'],
    ['{\\"secretKey\\":\\"escaped\\"}', 'escaped'],
    ['Authorization: Bearer abcdef0123456789', 'abcdef0123456789'],
    ['header Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
    ['jdbc:mariadb://app:s3cr3t@db.internal/dashboard', 's3cr3t'],
    ['key AKIAIOSFODNN7EXAMPLE used', 'AKIAIOSFODNN7EXAMPLE'],
    ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE1', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE1'],
    ['ghp_0123456789abcdef0123456789', 'ghp_0123456789abcdef0123456789'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'eyJzdWIiOiIxIn0'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', 'MIIE'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEcut', 'MIIEcut'],
    ['tool --password s3cr3t --verbose', 's3cr3t'],
    ['cookie=JSESSIONID42', 'JSESSIONID42'],
  ]
  for (const [text, secret] of secrets) {
    it(`holds no secret of ${text.split('\n')[0]?.slice(0, 40)}`, () => {
      const clean = redact(text)
      assert.ok(!clean.includes(secret), clean)
      assert.ok(clean.includes(removed))
    })
  }

  it('keeps what is none', () => {
    for (const text of [
      'GET /pi/version 200 in 3 ms',
      'has reached a steady state',
      'task 0123456789abcdef0123456789abcdef stopped',
      '',
    ])
      assert.equal(redact(text), text)
  })

  it('is the same a second time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...secrets.map(([text]) => text)), (text) =>
        assert.equal(redact(redact(text)), redact(text)),
      ),
    )
  })

  it('has data whose secret members are gone, and the others as they were', () => {
    assert.deepEqual(
      redacted({password: 'x', secretArn: 'arn:aws:x', rows: [{token: 'y', count: 3, none: null}], text: 'pwd=z'}),
      {
        password: removed,
        secretArn: 'arn:aws:x',
        rows: [{token: removed, count: 3, none: null}],
        text: `pwd=${removed}`,
      },
    )
  })
})
