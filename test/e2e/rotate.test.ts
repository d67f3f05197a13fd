import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import type {DeployJson, StatusJson} from '../helpers/e2e-results.ts'
import {hasMariaDb, Platform} from '../helpers/e2e-platform.ts'
import {Embedded} from '../helpers/e2e.ts'

interface RotateJson {
  readonly state: string
  readonly before: string
  readonly versionId: string
  readonly restarted: readonly string[]
}

describe('the change of a secret', function () {
  this.timeout(180_000)
  let cloud: Embedded
  let outputs: DeployJson['outputs']
  const rotate = (...args: string[]) => ['secret', 'rotate', ...args, '--environment', 'demo', '--local', '--yes']
  const secret = async (name: string) => {
    const SecretId = outputs[name]
    return (await cloud.client(SecretsManagerClient).send(new GetSecretValueCommand({SecretId}))).SecretString ?? ''
  }
  const login = async () => JSON.parse(await secret('DatabaseSecretArn')) as {username: string; password: string}

  before(async () => {
    cloud = await Embedded.start()
    outputs = (await cloud.ok<DeployJson>('deploy', 'demo', '--local', '--yes')).outputs
  })
  after(() => cloud?.stop())

  it('gives the database a new password that works, ends the old one, and shows neither', async function () {
    if (!hasMariaDb) this.skip()
    const old = await login()
    const ended = await cloud.run([...rotate('database'), '--output', 'ndjson', '--verbose'])
    assert.equal(ended.code, 0, ended.stderr)
    const result = ended.json<RotateJson>()
    assert.deepEqual([result.state, result.restarted], ['rotated', ['dashboard', 'scheduler']])
    const now = await login()
    assert.deepEqual([now.username, now.password === old.password], [old.username, false])
    for (const {password} of [old, now]) assert.ok(!`${ended.stdout}${ended.stderr}`.includes(password))
    assert.equal((await new Platform(cloud, 'demo').sql('SELECT 1')).trim(), '1')
    const where = [`--host=${outputs['DatabaseEndpoint']}`, `--port=${outputs['DatabasePort']}`, '--protocol=tcp']
    const refused = spawnSync('mariadb', [...where, `--user=${old.username}`, '-e', 'SELECT 1'], {
      env: {...process.env, MYSQL_PWD: old.password},
      encoding: 'utf8',
    })
    assert.match(refused.stderr, /Access denied/)
    const {services} = await cloud.ok<StatusJson>('status', 'demo', '--local')
    assert.ok(services.every(({running, desired}) => running === desired))
  })

  it('brings the licence that a file holds, and its plan changes nothing', async () => {
    const file = cloud.write('licence.txt', 'PLANTED\nlicence\n')
    const before = await secret('LicenceSecretArn')
    const planned = await cloud.ok<RotateJson>(...rotate('licence', '--dry-run'))
    assert.deepEqual([planned.state, await secret('LicenceSecretArn')], ['planned', before])
    const ended = await cloud.run([...rotate('licence', '--licence-file', file), '--json'])
    assert.equal(ended.code, 0, ended.stderr)
    assert.equal(await secret('LicenceSecretArn'), 'PLANTEDlicence')
    assert.doesNotMatch(`${ended.stdout}${ended.stderr}`, /PLANTED/)
    const described = await cloud
      .client(SecretsManagerClient)
      .send(new DescribeSecretCommand({SecretId: outputs['LicenceSecretArn']}))
    const {before: former, versionId} = ended.json<RotateJson>()
    assert.deepEqual(described.VersionIdsToStages?.[former], ['AWSPREVIOUS'])
    assert.deepEqual(described.VersionIdsToStages?.[versionId], ['AWSCURRENT'])
  })

  it('is taken back where the database does not take it, and says what is missing where nobody can be asked', async () => {
    const old = await secret('DatabaseSecretArn')
    await cloud.permissions({deny: ['ecs:RunTask']})
    const stuck = await cloud.fails(15, rotate('database'))
    await cloud.permissions({deny: []})
    assert.equal(stuck.code, 'ROTATION_STUCK')
    assert.equal(await secret('DatabaseSecretArn'), old)
    const abort = stuck.suggestions[0]?.split(' ').slice(1) ?? []
    await cloud.ok(...abort, '--local')
    assert.equal(await secret('DatabaseSecretArn'), old)
    if (hasMariaDb) assert.equal((await new Platform(cloud, 'demo').sql('SELECT 1')).trim(), '1')
    const missing = await cloud.fails(2, rotate('licence'))
    assert.deepEqual([missing.code, missing.suggestions], ['VALUE_MISSING', ['Add --licence-file']])
  })
})
