import assert from 'node:assert/strict'
import {existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {isDeepStrictEqual} from 'node:util'
import {
  CreateMountTargetCommand,
  DeleteMountTargetCommand,
  DescribeMountTargetsCommand,
  EFSClient,
} from '@aws-sdk/client-efs'
import {DeleteFunctionCommand, LambdaClient} from '@aws-sdk/client-lambda'
import {DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client} from '@aws-sdk/client-s3'
import {emptyFolders, hardFiles, writeFiles} from '../helpers/asset-tree.ts'
import {chance} from '../helpers/chance.ts'
import {Embedded, eventually, type EventLine} from '../helpers/e2e.ts'
import {smallDisk} from '../helpers/small-disk.ts'
import type {DeployJson, ErrorJson} from '../helpers/e2e-results.ts'

/** Change it to try other moments; a failure names the moment it happened at. */
const seed = Number(process.env['PI_AWS_TEST_SEED'] ?? 20261122)
/** Moments at which the command or the function is killed: `PI_AWS_TEST_KILLS=50` for a long evening. */
const kills = Number(process.env['PI_AWS_TEST_KILLS'] ?? 8)

interface SideloadJson {
  readonly opId: string
  readonly state: string
  readonly copied: number
  readonly skipped: number
  readonly removed: number
  readonly failed: number
  readonly bytes: number
  readonly files: readonly {readonly path: string; readonly result: string; readonly reason?: string}[]
}

interface VerifyJson {
  readonly same: number
  readonly changed: number
  readonly missing: number
  readonly failed: number
}

const slash = Buffer.from('/')

/** Everything below a folder, names as the bytes that the disk has: path in hex -> content, or that it is a folder. */
function tree(root: string, skip: (name: string) => boolean = () => false): Map<string, string> {
  const found = new Map<string, string>()
  const walk = (folder: Buffer, above: Buffer): void => {
    for (const name of readdirSync(folder, {encoding: 'buffer'})) {
      if (skip(name.toString())) continue
      const place = Buffer.concat([folder, slash, name])
      const path = above.length === 0 ? name : Buffer.concat([above, slash, name])
      const stats = lstatSync(place, {throwIfNoEntry: false})
      if (stats === undefined) continue
      found.set(path.toString('hex'), stats.isDirectory() ? 'folder' : `file ${readFileSync(place).toString('hex')}`)
      if (stats.isDirectory()) walk(place, path)
    }
  }
  walk(Buffer.from(root), Buffer.alloc(0))
  return found
}

describe(`assets reach the file system (PI_AWS_TEST_SEED=${seed}, PI_AWS_TEST_KILLS=${kills})`, function () {
  this.timeout(600_000 + kills * 60_000)
  let cloud: Embedded
  let config: string
  let folder: string
  let generation: string
  let outputs: DeployJson['outputs']
  const on = (...args: string[]) => [...args, '--environment', 'alpha', '--local', '--config', config]
  const start = (...args: string[]) => cloud.ok<SideloadJson>(...on('sideload', 'start', ...args))

  /** What the generation holds, without what the image and the customer brought. */
  function loaded(skip: (name: string) => boolean = () => false): Map<string, string> {
    const all = tree(generation, (name) => ['.pi', '.pi-complete', 'keys', 'files'].includes(name) || skip(name))
    return new Map([...all].filter(([path]) => !seeded.has(path) || wanted().has(path)))
  }
  let seeded: ReadonlySet<string>
  const wanted = () => tree(folder)

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.config({alpha: {}})
    const deployed = await cloud.ok<DeployJson>('deploy', 'alpha', '--yes', '--local', '--config', config)
    outputs = deployed.outputs
    generation = join(cloud.stateDir, 'efs', String(outputs['FileSystemId']), 'gen', '1')
    seeded = new Set(tree(generation).keys())
    folder = join(cloud.home, 'tree')
    for (const empty of emptyFolders) mkdirSync(join(folder, empty), {recursive: true})
    writeFiles(folder, hardFiles())
    for (const [name, text] of [
      ['keys/own.pem', 'a private key'],
      ['files/report of a customer.xlsx', 'rows'],
      ['themes/of a customer.css', 'a theme'],
    ] as const) {
      writeFileSync(join(generation, name), text)
      seeded = new Set([...seeded, Buffer.from(name).toString('hex')])
    }
  })
  after(() => cloud?.stop())

  it('says so where there is nothing to load yet', async () => {
    assert.equal((await cloud.fails(5, on('sideload', 'start'))).code, 'NO_BUNDLE')
    assert.equal((await cloud.fails(5, on('sideload'))).code, 'NO_SIDELOAD')
  })

  it('folder, bucket, file system and back: the same names and the same bytes, and nothing else touched', async () => {
    await cloud.ok(...on('upload', 'assets', folder))
    const result = await start()
    assert.deepEqual([result.state, result.failed, result.removed], ['done', 0, 0])
    assert.equal(
      result.bytes,
      hardFiles().reduce((sum, {bytes}) => sum + bytes.byteLength, 0),
    )
    assert.deepEqual(loaded(), wanted())
    const back = join(cloud.home, 'back')
    await cloud.ok(...on('assets', 'download', back))
    assert.deepEqual(tree(back), wanted())
    untouched()
  })

  /** Whatever the customer had. */
  function untouched(): void {
    assert.equal(readFileSync(join(generation, 'keys/own.pem'), 'utf8'), 'a private key')
    assert.equal(readFileSync(join(generation, 'files/report of a customer.xlsx'), 'utf8'), 'rows')
    assert.equal(readFileSync(join(generation, 'themes/of a customer.css'), 'utf8'), 'a theme')
  }

  it('copies nothing the second time, and status tells the same by the ledger alone', async () => {
    const result = await start()
    assert.deepEqual([result.copied, result.bytes], [0, 0])
    assert.equal(result.files.length, result.skipped)
    const status = await cloud.ok<SideloadJson>(...on('sideload'))
    assert.deepEqual({...status}, {...result})
    const byId = await cloud.ok<SideloadJson>(...on('sideload', 'status', result.opId))
    assert.deepEqual(byId, result)
  })

  it('ndjson has one line a file', async () => {
    const running = cloud.spawn([...on('sideload', 'start'), '--output', 'ndjson'])
    assert.equal((await running.ended).code, 0)
    const lines = running.events.filter(({type}) => type === 'file.result')
    const result = running.events.at(-1) as unknown as SideloadJson
    assert.equal(lines.length, result.files.length)
    assert.ok(lines.some((line) => line['path'] === 'locale/empty.properties' && line['result'] === 'skipped'))
  })

  it('verify tells what somebody changed, and start mends it', async () => {
    const whole = await cloud.ok<VerifyJson>(...on('sideload', 'verify', '--thorough'))
    assert.deepEqual([whole.changed, whole.missing, whole.failed], [0, 0, 0])
    assert.ok(whole.same > 40)
    writeFileSync(join(generation, 'images/a+b.css'), 'Plus')
    rmSync(join(generation, 'images/100%.txt'))
    const ended = await cloud.run([...on('sideload', 'verify'), '--json'])
    assert.equal(ended.code, 3)
    const {changed, missing} = ended.json<VerifyJson>()
    assert.deepEqual([changed, missing], [1, 1])
    assert.equal((await start()).copied, 2)
    assert.deepEqual(loaded(), wanted())
  })

  it('--prune removes what an earlier bundle brought and nothing that a customer has', async () => {
    rmSync(join(folder, 'images/what?.txt'))
    await cloud.ok(...on('upload', 'assets', folder, '--prune'))
    assert.equal((await start()).removed, 0)
    assert.equal(loaded().size, wanted().size + 1)
    assert.equal((await start('--prune')).removed, 1)
    assert.deepEqual(loaded(), wanted())
    untouched()
  })

  it('--prune makes room where a file became a folder, and a folder a file', async () => {
    const turned = join(folder, 'images/turned')
    const turn = async (make: () => void, ...flags: string[]) => {
      rmSync(turned, {recursive: true, force: true})
      make()
      await cloud.ok(...on('upload', 'assets', folder, '--prune'))
      await start(...flags)
      assert.deepEqual(loaded(), wanted())
    }
    const file = () => writeFileSync(turned, 'a file')
    await turn(file)
    await turn(() => {
      mkdirSync(join(turned, 'deep'), {recursive: true})
      writeFileSync(join(turned, 'deep/er'), 'a file of a folder')
    }, '--prune')
    await turn(file, '--prune')
    await turn(() => undefined, '--prune')
    untouched()
  })

  it('a version that S3 has let go of is told of, sent again by --checksum and by nothing else, and loaded', async () => {
    const s3 = cloud.client(S3Client)
    const Bucket = outputs['AssetsBucket']
    const {Versions = []} = await s3.send(new ListObjectVersionsCommand({Bucket}))
    const of = (name: string) => Versions.find(({Key, IsLatest}) => IsLatest === true && Key?.endsWith(name) === true)!
    const [expired, aside] = [of('images/a+b.css'), of('images/100%.txt')]
    assert.ok(expired.VersionId !== undefined && aside.Key !== undefined)
    await s3.send(new DeleteObjectCommand({Bucket, Key: expired.Key, VersionId: expired.VersionId}))
    // Written by hand: the pinned version stands, but not on top, and goes when its days are over.
    await s3.send(new PutObjectCommand({Bucket, Key: aside.Key, Body: 'by hand'}))
    rmSync(join(generation, 'images/a+b.css'))
    const ended = await cloud.run([...on('sideload', 'start'), '--json'])
    const failed = ended.json<SideloadJson>().files.filter(({result}) => result === 'failed')
    assert.deepEqual([ended.code, failed.map(({path}) => path)], [1, ['images/a+b.css']])
    assert.match(failed[0]?.reason ?? '', /upload the folder again with --checksum/)
    assert.equal((await cloud.ok<{sent: number}>(...on('upload', 'assets', folder))).sent, 0)
    assert.equal((await cloud.ok<{sent: number}>(...on('upload', 'assets', folder, '--checksum'))).sent, 2)
    const result = await start()
    assert.deepEqual([result.state, result.copied], ['done', 1])
    assert.deepEqual(loaded(), wanted())
    assert.equal((await cloud.ok<{sent: number}>(...on('upload', 'assets', folder, '--checksum'))).sent, 0)
  })

  it('a download to a disk that is full leaves nothing half-written, and ends when there is room', async function () {
    using disk = smallDisk(join(cloud.home, 'small disk'), 64)
    if (disk === undefined) return this.skip()
    const back = join(disk.path, 'back')
    assert.equal((await cloud.fails(1, on('assets', 'download', back))).code, 'DISK_FULL')
    const whole = wanted()
    for (const [path, content] of tree(back))
      assert.equal(content, whole.get(path), Buffer.from(path, 'hex').toString())
    disk.grow(16_384)
    await cloud.ok(...on('assets', 'download', back))
    assert.deepEqual(tree(back), whole)
  })

  it('handed over with --no-wait it ends 8, and wait ends it', async () => {
    writeFileSync(join(folder, 'svg/late one.svg'), '<svg/>')
    await cloud.ok(...on('upload', 'assets', folder))
    const handed = await cloud.run([...on('sideload', 'start', '--no-wait'), '--json'])
    assert.equal(handed.code, 8, handed.stderr)
    const {opId, state} = handed.json<SideloadJson>()
    assert.equal(state, 'running')
    const result = await cloud.ok<SideloadJson>(...on('sideload', 'wait', opId))
    assert.deepEqual([result.opId, result.state, result.copied], [opId, 'done', 1])
    assert.deepEqual(loaded(), wanted())
  })

  it('files ls and get look into it; keys are listed and never given away', async () => {
    const {entries} = await cloud.ok<{entries: {path: string; kind: string; size: number}[]}>(
      ...on('files', 'ls', 'keys'),
    )
    assert.ok(entries.some(({path, size}) => path === 'keys/own.pem' && size === 13))
    const flat = await cloud.ok<{entries: {path: string}[]}>(...on('files', 'ls'))
    assert.ok(flat.entries.every(({path}) => !path.includes('/')))
    const deep = await cloud.ok<{entries: {path: string}[]}>(...on('files', 'ls', 'svg', '--recursive'))
    assert.ok(deep.entries.some(({path}) => path.endsWith('/level 9/deep.svg')))
    const out = join(cloud.home, 'got.bin')
    const big = Buffer.alloc(7 * 1_048_576 + 11, 'pi')
    writeFileSync(join(generation, 'files/big one.bin'), big)
    const got = await cloud.ok<{bytes: number}>(...on('files', 'get', 'files/big one.bin', '--out', out))
    assert.equal(got.bytes, big.byteLength)
    assert.ok(readFileSync(out).equals(big))
    for (const [path, code, exit] of [
      ['keys/own.pem', 'KEYS_REFUSED', 12],
      ['/keys/own.pem', 'KEYS_REFUSED', 12],
      ['files/../keys/own.pem', 'BAD_PATH', 2],
      ['files/nothing', 'FILE_NOT_FOUND', 5],
    ] as const) {
      assert.equal((await cloud.fails(exit, on('files', 'get', path))).code, code, path)
    }
    assert.deepEqual(
      readdirSync(cloud.home).filter((name) => name.startsWith('.pi-part-')),
      [],
    )
  })

  it('a file that cannot be loaded is named, the others are loaded, exit 1; mended and resumed it ends', async () => {
    mkdirSync(join(generation, 'images/blocked.png'))
    writeFileSync(join(folder, 'images/blocked.png'), 'picture')
    writeFileSync(join(folder, 'images/zebra.png'), 'picture')
    await cloud.ok(...on('upload', 'assets', folder))
    const ended = await cloud.run([...on('sideload', 'start'), '--json'])
    assert.equal(ended.code, 1)
    const result = ended.json<SideloadJson>()
    assert.deepEqual([result.state, result.failed, result.copied], ['failed', 1, 1])
    const [failed] = result.files.filter((file) => file.result === 'failed')
    assert.equal(failed?.path, 'images/blocked.png')
    assert.match(failed.reason ?? '', /folder/)
    assert.equal((await cloud.run(on('sideload'))).code, 3)
    rmSync(join(generation, 'images/blocked.png'), {recursive: true})
    await cloud.ok(...on('ops', 'resume', result.opId))
    assert.deepEqual(loaded(), wanted())
  })

  /** A tree that takes a while. */
  function more(count: number, name: string): void {
    mkdirSync(join(folder, 'images', name), {recursive: true})
    for (let index = 0; index < count; index++) {
      writeFileSync(join(folder, 'images', name, `picture ${index}.png`), `${name} ${index}`)
    }
  }

  const began = ({type}: EventLine) => type === 'operation.started'

  it('of two at once one works, the other ends 11 and names the holder', async () => {
    more(400, 'set one')
    await cloud.ok(...on('upload', 'assets', folder))
    const first = cloud.spawn([...on('sideload', 'start'), '--output', 'ndjson'])
    await first.until(began)
    // Held still, so that it cannot end before the others come.
    first.child.kill('SIGSTOP')
    try {
      const refused = await cloud.fails(11, on('sideload', 'start'))
      assert.ok(refused.message.includes(`(process ${first.child.pid})`), refused.message)
      assert.equal((await cloud.fails(11, on('sideload', 'cancel'))).code, 'LOCKED')
    } finally {
      first.child.kill('SIGCONT')
    }
    assert.equal((await first.ended).code, 0)
    assert.deepEqual(loaded(), wanted())
  })

  it('Ctrl-C pauses with 13 and ops resume ends it; or it is cancelled', async () => {
    more(300, 'set two')
    await cloud.ok(...on('upload', 'assets', folder))
    const running = cloud.spawn([...on('sideload', 'start'), '--output', 'ndjson'])
    await running.until((event) => event.type === 'step.started' && event['step'] === 'wake')
    running.child.kill('SIGINT')
    const {code} = await running.ended
    assert.equal(code, 13)
    const {error} = running.events.at(-1) as unknown as ErrorJson
    const opId = String(running.events.find(began)?.['opId'])
    assert.ok(error.suggestions.some((line) => line.includes(`ops resume ${opId}`)))
    assert.equal((await cloud.ok<SideloadJson>(...on('sideload', 'status', opId))).state, 'paused')
    await cloud.ok(...on('ops', 'resume', opId))
    assert.deepEqual(loaded(), wanted())
    const again = cloud.spawn([...on('sideload', 'start'), '--output', 'ndjson'])
    await again.until(began)
    again.child.kill('SIGINT')
    assert.equal((await again.ended).code, 13)
    await cloud.ok(...on('sideload', 'cancel'))
    assert.equal((await cloud.ok<SideloadJson>(...on('sideload'))).state, 'aborted')
  })

  /** Ends the processes of the function as a host does that fails; on other systems than Linux there are none to be found. */
  function killFunction(): number {
    const pids = existsSync('/proc/self/environ') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
    const ours = pids.filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        return words.some((word) => word.startsWith(`FILES_ROOT=${cloud.stateDir}`))
      } catch {
        // Another's, or gone.
        return false
      }
    })
    for (const pid of ours) process.kill(Number(pid), 'SIGKILL')
    return ours.length
  }

  it(`killed at ${kills} moments and run again it always ends there, with nothing half-written under a final name`, async () => {
    const random = chance(seed)
    const faults: string[] = []
    let functionsKilled = 0
    for (let index = 0; index < kills; index++) {
      more(60, `killed ${index}`)
      const after = Math.floor(random() * 900)
      const what = (['the side-load', 'the function', 'the upload'] as const)[index % 3]!
      if (what !== 'the upload') await cloud.ok(...on('upload', 'assets', folder))
      const args = what === 'the upload' ? on('upload', 'assets', folder) : on('sideload', 'start')
      const running = cloud.spawn(args)
      await pause(after)
      if (what === 'the function') functionsKilled += killFunction()
      // Of what the function left the command may make what it can: it asks again, or ends as failed or paused.
      else running.child.kill('SIGKILL')
      await running.ended
      try {
        const expected = wanted()
        // The function may still be at work: what it has not finished bears another name.
        for (const [path, content] of loaded((name) => name.startsWith('.pi-part-')))
          assert.equal(content, expected.get(path), Buffer.from(path, 'hex').toString())
        if (what === 'the upload') await cloud.ok(...on('upload', 'assets', folder))
        await start()
        // A slice of the killed run may end after ours.
        await eventually(async () => (isDeepStrictEqual(loaded(), expected) ? true : undefined)).catch(() =>
          assert.deepEqual(loaded(), expected),
        )
      } catch (error) {
        faults.push(`${what} killed after ${after} ms: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    assert.deepEqual(faults, [], faults.join('\n\n'))
    assert.ok(functionsKilled > 0 || !existsSync('/proc/self/environ'), 'no function was killed')
    untouched()
  })

  it('waits while the file system cannot be mounted, and goes on when it can', async () => {
    const efs = cloud.client(EFSClient)
    const FileSystemId = outputs['FileSystemId']
    const {MountTargets = []} = await efs.send(new DescribeMountTargetsCommand({FileSystemId}))
    for (const {MountTargetId} of MountTargets) await efs.send(new DeleteMountTargetCommand({MountTargetId}))
    const late = await cloud.fails(8, on('sideload', 'start', '--timeout', '2s'))
    assert.equal(late.code, 'TIMEOUT')
    const running = cloud.spawn([...on('sideload', 'start'), '--output', 'ndjson'])
    await running.until((event) => event.type === 'note' && String(event['message']).includes('mount'))
    for (const {SubnetId} of MountTargets) await efs.send(new CreateMountTargetCommand({FileSystemId, SubnetId}))
    assert.equal((await running.ended).code, 0)
  })

  it('deploy ends with the configured folder, the second time with nothing to do', async () => {
    config = cloud.config({alpha: {assets: {folder: '../tree'}}})
    writeFileSync(join(folder, 'svg/by deploy.svg'), '<svg/>')
    const args = ['deploy', 'alpha', '--yes', '--local', '--config', config]
    const {assets, changed} = await cloud.ok<DeployJson & {assets: {sent: number; copied: number; place: string}}>(
      ...args,
    )
    assert.deepEqual([changed, assets.sent, assets.copied], [true, 1, 1])
    assert.equal(assets.place, `${outputs['FileSystemId']}:/gen/1`)
    assert.deepEqual(loaded(), wanted())
    const again = await cloud.run([...args, '--json', '--verbose'])
    assert.equal(again.code, 0, again.stderr)
    assert.equal(again.json<DeployJson>().changed, false)
    // Time is the machine's; how often AWS is asked is ours.
    const requests = again.stderr.match(/^\w+ \w+ \d{3} request=/gm) ?? []
    // Some 20 of them are the preflight's, side by side.
    assert.ok(requests.length > 30 && requests.length <= 100, `${requests.length} requests`)
    config = cloud.config({alpha: {assets: {folder: 'nowhere'}}})
    assert.equal(
      (await cloud.fails(5, ['deploy', 'alpha', '--yes', '--local', '--config', config])).code,
      'FOLDER_NOT_FOUND',
    )
    config = cloud.config({alpha: {assets: {folder: '../tree'}}})
  })

  it('a function that is gone is told of, and a deploy that cannot load says that the stacks stand', async () => {
    mkdirSync(join(generation, 'svg/in the way.svg'))
    writeFileSync(join(folder, 'svg/in the way.svg'), '<svg/>')
    const error = await cloud.fails(1, ['deploy', 'alpha', '--yes', '--local', '--config', config])
    assert.equal(error.code, 'ASSETS_NOT_LOADED')
    assert.match(error.message, /deployed and works.*in the way\.svg/)
    await cloud.client(LambdaClient).send(new DeleteFunctionCommand({FunctionName: outputs['SideloadFunctionName']}))
    assert.equal((await cloud.fails(5, on('sideload', 'start'))).code, 'FUNCTION_NOT_FOUND')
    assert.equal((await cloud.fails(5, on('files', 'ls'))).code, 'FUNCTION_NOT_FOUND')
  })
})
