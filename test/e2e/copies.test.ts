import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient} from '@aws-sdk/client-rds'
import {Embedded} from '../helpers/e2e.ts'
import {hasMariaDb, Platform} from '../helpers/e2e-platform.ts'

type Everything = Awaited<ReturnType<Platform['everything']>>

describe('a set in pieces and in other places', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let platform: Platform
  let config: string
  let good: Everything
  let set: string

  const inDemo = (...args: string[]): string[] => [...args, '--local', '--config', config]

  function assets(files: Readonly<Record<string, string>>): string {
    const folder = join(cloud.home, 'assets')
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), {recursive: true})
      writeFileSync(join(folder, path), text)
    }
    return folder
  }

  before(async function () {
    if (!hasMariaDb) this.skip()
    cloud = await Embedded.start()
    config = cloud.config({demo: {images: {tag: '2026_01'}}})
    await cloud.ok(...inDemo('deploy', 'demo', '--yes'))
    platform = new Platform(cloud, 'demo')
    await platform.sql(
      "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(80)); INSERT INTO users VALUES (1, 'Ann');",
    )
    const folder = assets({'themes/own/theme.css': 'a { color: red }', 'images/logo ü.svg': '<svg/>'})
    await cloud.ok(...inDemo('upload', 'assets', folder, '--environment', 'demo'))
    await cloud.ok(...inDemo('sideload', 'start', 'demo'))
    good = await platform.everything()
    set = (await cloud.ok<{id: string}>(...inDemo('snapshot', 'create', 'demo', '--consistency', 'live'))).id
  })
  after(() => cloud?.stop())

  it('brings the assets back by themselves, and undoes it', async () => {
    const folder = assets({'themes/own/theme.css': 'broken', 'images/new.svg': 'new'})
    await cloud.ok(...inDemo('upload', 'assets', folder, '--environment', 'demo'))
    await cloud.ok(...inDemo('sideload', 'start', 'demo'))
    const bad = await platform.everything()
    assert.notDeepEqual(bad, good)
    const only = ['--only', 'assets', '--environment', 'demo', '--safety', 'none', '--confirm', 'demo']
    const restored = await cloud.ok<{assets: {to: string}; opId: string}>(...inDemo('restore', 'run', set, ...only))
    assert.equal(restored.assets.to, restored.opId)
    assert.deepEqual(await platform.everything(), good)
    await cloud.ok(...inDemo('restore', 'undo', 'demo', '--yes'))
    assert.deepEqual(await platform.everything(), bad)
    await cloud.ok(...inDemo('restore', 'run', set, ...only))
    assert.deepEqual(await platform.everything(), good)
  })

  it('brings the configuration back by itself, after showing what would change', async () => {
    config = cloud.config({demo: {images: {tag: '2026_02'}, logDays: 90}})
    await cloud.ok(...inDemo('deploy', 'demo', '--yes'))
    const only = ['--only', 'configuration', '--environment', 'demo', '--safety', 'none']
    const plan = await cloud.ok<{configuration: {changes: {changes: {parameter: string; to: string}[]}[]}}>(
      ...inDemo('restore', 'plan', set, ...only),
    )
    const rows = plan.configuration.changes.flatMap(({changes}) => changes)
    assert.ok(rows.some(({parameter, to}) => parameter === 'ImageTag' && to === '2026_01'))
    assert.ok(rows.some(({parameter, to}) => parameter === 'LogRetentionDays' && to === '30'))
    const restored = await cloud.ok<{configuration: unknown}>(
      ...inDemo('restore', 'run', set, ...only, '--confirm', 'demo'),
    )
    assert.deepEqual(restored.configuration, plan.configuration.changes)
    config = cloud.config({demo: {images: {tag: '2026_01'}}})
    assert.deepEqual(await platform.everything(), good)
  })

  it('refuses a restore over a database that somebody changed by hand, and says what it was', async () => {
    const rds = cloud.client(RDSClient)
    const {DBInstances: [instance] = []} = await rds.send(new DescribeDBInstancesCommand({}))
    const {DBInstanceIdentifier, DBInstanceClass} = instance ?? {}
    const changed = {DBInstanceIdentifier, ApplyImmediately: true}
    await rds.send(new ModifyDBInstanceCommand({...changed, DBInstanceClass: 'db.r6g.large'}))
    const asked = ['restore', 'run', set, '--environment', 'demo', '--only', 'database', '--confirm', 'demo']
    const refused = await cloud.fails(12, inDemo(...asked))
    assert.match(refused.message, /DBInstanceClass/)
    await rds.send(new ModifyDBInstanceCommand({...changed, DBInstanceClass}))
    const plan = await cloud.ok<{checks: {name: string; verdict: string}[]}>(
      ...inDemo('restore', 'plan', set, '--environment', 'demo'),
    )
    assert.deepEqual(
      plan.checks.filter(({name}) => name.startsWith('drift')).map(({verdict}) => verdict),
      ['OK', 'OK'],
    )
  })

  it('leaves the plain files of the set in a folder, with hashes that others can check', async () => {
    const folder = join(cloud.home, 'exported')
    const {files} = await cloud.ok<{files: number}>(
      ...inDemo('snapshot', 'export', set, '--out', folder, '--environment', 'demo'),
    )
    const lines = readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trim().split('\n')
    assert.equal(lines.length, files)
    for (const line of lines) {
      const [hash = '', path = ''] = line.split('  ')
      assert.equal(
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
        hash,
        path,
      )
    }
    assert.equal(readFileSync(join(folder, 'assets/themes/own/theme.css'), 'utf8'), 'a { color: red }')
    assert.equal((JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {id: string}).id, set)
  })

  it('goes into an environment of another region, under its own key, every row and byte', async () => {
    config = cloud.config({demo: {images: {tag: '2026_01'}}, standby: {region: 'us-east-1'}})
    await cloud.ok(...inDemo('deploy', 'standby', '--yes'))
    const refused = await cloud.fails(5, inDemo('restore', 'plan', set, '--environment', 'standby'))
    assert.equal(refused.code, 'SNAPSHOT_NOT_FOUND')
    const into = ['restore', 'run', set, '--environment', 'demo', '--into', 'standby']
    await cloud.fails(2, inDemo(...into, '--confirm', 'demo'))
    await cloud.ok(...inDemo(...into, '--safety', 'none', '--confirm', 'standby'))
    const standby = new Platform(cloud, 'standby', config)
    assert.deepEqual(await standby.everything(), good)
    const {manifest} = await cloud.ok<{manifest: Record<string, unknown> & {database: {keyArn: string}}}>(
      ...inDemo('snapshot', 'show', set, '--environment', 'standby'),
    )
    const {outputs} = await cloud.ok<{outputs: Record<string, string>}>(...inDemo('outputs', 'standby'))
    assert.deepEqual([manifest['region'], manifest.database.keyArn], ['us-east-1', outputs['KeyArn']])
    const again = await cloud.ok<{copied: boolean}>(
      ...inDemo('snapshot', 'copy', set, '--environment', 'demo', '--into', 'standby'),
    )
    assert.equal(again.copied, false)
    const verified = await cloud.ok<{good: boolean}>(
      ...inDemo('snapshot', 'verify', set, '--environment', 'standby', '--content'),
    )
    assert.ok(verified.good)
    await cloud.ok(...inDemo('snapshot', 'delete', set, '--environment', 'standby', '--last', '--confirm', 'standby'))
    assert.deepEqual(await platform.everything(), good)
    const still = await cloud.ok<{good: boolean}>(...inDemo('snapshot', 'verify', set, '--environment', 'demo'))
    assert.ok(still.good, 'the set itself stays')
  })
})
