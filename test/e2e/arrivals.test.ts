import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {GetFunctionConfigurationCommand, LambdaClient} from '@aws-sdk/client-lambda'
import {PutObjectCommand, S3Client} from '@aws-sdk/client-s3'
import {bundleLambda, zip} from '../../scripts/lambda-zip.ts'
import {hardFiles} from '../helpers/asset-tree.ts'
import {Embedded, eventually, packageRoot} from '../helpers/e2e.ts'
import type {DeployJson} from '../helpers/e2e-results.ts'

interface UploadJson {
  readonly key: string
  readonly builtIn: boolean
  readonly changed: boolean
}

describe("objects that arrive by themselves, and a function of the operator's own", function () {
  this.timeout(300_000)
  let cloud: Embedded
  let config: string
  let outputs: DeployJson['outputs']
  let generation: string
  const on = (...args: string[]) => [...args, '--local', '--config', config]

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.config({alpha: {assets: {sideloadEvents: 'on'}}})
    outputs = (await cloud.ok<DeployJson>(...on('deploy', 'alpha', '--yes'))).outputs
    generation = join(cloud.stateDir, 'efs', String(outputs['FileSystemId']), 'gen', '1')
  })
  after(() => cloud?.stop())

  const put = async (path: string, bytes: Uint8Array): Promise<unknown> =>
    cloud
      .client(S3Client)
      .send(new PutObjectCommand({Bucket: outputs['AssetsBucket'], Key: `assets/${path}`, Body: bytes}))
  const stands = async (path: string, bytes: Uint8Array): Promise<unknown> =>
    eventually(async () => {
      const place = join(generation, path)
      return existsSync(place) && readFileSync(place).equals(bytes) ? true : undefined
    })
  /** What the bundled function is made of, as AWS tells it. */
  const codeHash = async (): Promise<string | undefined> => {
    const asked = new GetFunctionConfigurationCommand({FunctionName: outputs['SideloadFunctionName']})
    return (await cloud.client(LambdaClient).send(asked)).CodeSha256
  }

  /** A message of the dead-letter queue; without a client of SQS, which nothing else needs. */
  async function firstLetter(): Promise<string | undefined> {
    const answer = await fetch(cloud.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.ReceiveMessage',
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({QueueUrl: outputs['DeadLettersUrl']}),
    })
    const {Messages = []} = (await answer.json()) as {readonly Messages?: readonly {readonly Body: string}[]}
    return Messages[0]?.Body
  }

  it('an object put into the bucket by anybody is in the running generation, whatever its name', async () => {
    const files = hardFiles().filter(({bytes}) => bytes.byteLength < 100_000)
    assert.ok(files.length > 30)
    await Promise.all(files.map(async ({path, bytes}) => put(path, bytes)))
    for (const {path, bytes} of files) await stands(path, bytes)
  })

  it('of two versions the later one stays', async () => {
    for (let version = 0; version < 5; version++) await put('themes/hurried.css', Buffer.from(`version ${version}`))
    await stands('themes/hurried.css', Buffer.from('version 4'))
  })

  it('one that cannot be loaded is a dead letter that names it, and nothing else suffers', async () => {
    mkdirSync(join(generation, 'images/in the way.png'))
    await put('images/in the way.png', Buffer.from('picture'))
    await put('images/beside.png', Buffer.from('picture'))
    await stands('images/beside.png', Buffer.from('picture'))
    const letter = await eventually(firstLetter)
    assert.match(letter, /assets\/images\/in the way\.png/)
    rmSync(join(generation, 'images/in the way.png'), {recursive: true})
  })

  it("a zip of the operator's own is the function until another is uploaded, and deploy and status say so", async () => {
    const built = await codeHash()
    const own = await zip([
      ...(await bundleLambda(packageRoot)),
      {name: 'notes of ours.txt', content: Buffer.from('signed off by us')},
    ])
    const file = join(cloud.home, 'own function.zip')
    writeFileSync(file, own)
    const uploaded = await cloud.ok<UploadJson>(...on('upload', 'lambda', 'alpha', '--file', file))
    assert.deepEqual([uploaded.builtIn, uploaded.changed], [false, true])
    const wanted = createHash('sha256').update(own).digest('base64')
    await cloud.ok(...on('deploy', 'alpha', '--yes'))
    assert.equal(await codeHash(), wanted)
    assert.match((await cloud.run(on('status', 'alpha'))).stdout, /your own zip/)
    await put('svg/by our function.svg', Buffer.from('<svg/>'))
    await stands('svg/by our function.svg', Buffer.from('<svg/>'))
    const again = await cloud.ok<DeployJson>(...on('deploy', 'alpha', '--yes'))
    assert.equal(again.changed, false)
    assert.equal(await codeHash(), wanted)
    assert.equal((await cloud.ok<UploadJson>(...on('upload', 'lambda', 'alpha'))).builtIn, true)
    await cloud.ok(...on('deploy', 'alpha', '--yes'))
    assert.equal(await codeHash(), built)
  })

  it('a zip that could not be the function is refused before anything is chosen', async () => {
    const file = join(cloud.home, 'bad.zip')
    writeFileSync(file, await zip([{name: 'readme.txt', content: Buffer.from('no handler')}]))
    assert.equal((await cloud.fails(2, on('upload', 'lambda', 'alpha', '--file', file))).code, 'BAD_FUNCTION_ZIP')
    writeFileSync(file, 'no zip at all')
    assert.equal((await cloud.fails(2, on('upload', 'lambda', 'alpha', '--file', file))).code, 'BAD_FUNCTION_ZIP')
  })
})
