import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {Embedded, packageRoot} from '../helpers/e2e.ts'

const readme = join(packageRoot, 'README.md')
const command = ['diagnose', 'demo']
const block = /```\n\$ pi-aws diagnose demo\n([^]*?)```\n/

/** What is new in every run: moments, ids of operations and the endings of names that CloudFormation gives. */
function masked(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
    .replaceAll(/\d{8}T\d{6}Z-([a-z]+)-[0-9a-f]{6}/g, '<operation of $1>')
    .replaceAll(/(pi-demo-app-[A-Za-z]+)-[0-9a-f]{8}-[0-9a-f]{3}/g, '$1-<id>')
}

describe('the failed deployment that the README shows', function () {
  this.timeout(120_000)
  let cloud: Embedded
  before(async () => {
    cloud = await Embedded.start()
  })
  after(() => cloud?.stop())

  // UPDATE_GOLDENS=1 writes what is printed into the README.
  it('is diagnosed in the words of the README', async () => {
    const config = cloud.config({demo: {}})
    await cloud.ok('deploy', 'demo', '--yes', '--local', '--config', config)
    cloud.config({demo: {services: {adminer: {enabled: true}}}})
    await cloud.fault('AWS::ECS::Service', 'Unable to place tasks: the limit on vCPUs of Fargate has been reached')
    await cloud.fails(14, ['deploy', 'demo', '--yes', '--local', '--config', config])
    // As on real AWS: nothing in the command says where that is, so that no next step says so either.
    const env = {PI_AWS_ENDPOINT_URL: cloud.endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test'}
    const {code, stdout, stderr} = await cloud.run(command, {env, cwd: dirname(config)})
    assert.equal(code, 3, stderr)
    const text = readFileSync(readme, 'utf8')
    const [, shown] = block.exec(text) ?? []
    assert.ok(shown !== undefined, 'the README has no transcript of pi-aws diagnose demo')
    if (process.env['UPDATE_GOLDENS'] === '1' && masked(shown) !== masked(stdout)) {
      writeFileSync(
        readme,
        text.replace(block, () => `\`\`\`\n$ pi-aws ${command.join(' ')}\n${stdout}\`\`\`\n`),
      )
      return
    }
    assert.equal(masked(shown), masked(stdout), 'npm run transcript writes it anew')
    assert.match(stdout, /^ {2}1\. app could not be changed: a quota of the account is used up$/m)
  })
})
