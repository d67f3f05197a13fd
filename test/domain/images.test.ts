import assert from 'node:assert/strict'
import {resourcesOf} from '../../src/domain/datasheet/resources.ts'
import {addressOf, imagesOf, isOfEcr, mayTakeEcrLogin} from '../../src/domain/images.ts'
import {demo, environmentOf, packageTemplates} from './samples.ts'

const digest = `sha256:${'0f'.repeat(32)}`

const table: readonly (readonly [reference: string, registry: string, repository: string, tag: string])[] = [
  ['ghcr.io/pi-cr/server:2026_10', 'ghcr.io/pi-cr', 'server', '2026_10'],
  ['public.ecr.aws/docker/library/mariadb:10.11', 'public.ecr.aws/docker/library', 'mariadb', '10.11'],
  ['localhost:5000/server', 'localhost:5000', 'server', 'latest'],
  ['127.0.0.1:5000/a/b/server:1', '127.0.0.1:5000/a/b', 'server', '1'],
  ['localhost/server:1', 'localhost', 'server', '1'],
  ['adminer:5.4.1', 'registry-1.docker.io/library', 'adminer', '5.4.1'],
  ['somebody/adminer', 'registry-1.docker.io/somebody', 'adminer', 'latest'],
  [`ghcr.io/pi-cr/server@${digest}`, 'ghcr.io/pi-cr', 'server', digest],
  [`ghcr.io/pi-cr/server:2026_10@${digest}`, 'ghcr.io/pi-cr', 'server', digest],
]

describe('an image', () => {
  for (const [reference, registry, repository, tag] of table)
    it(`${reference} is ${repository} at ${registry}`, () => {
      assert.deepEqual(addressOf(reference), {registry, repository, tag})
    })

  it('of ECR is known by its registry', () => {
    assert.equal(isOfEcr('123456789012.dkr.ecr.eu-west-1.amazonaws.com/pi/server:1'), true)
    assert.equal(isOfEcr('123456789012.dkr.ecr-fips.us-east-1.amazonaws.com/pi/server:1'), true)
    assert.equal(isOfEcr('public.ecr.aws/docker/library/mariadb:10.11'), false)
  })

  it('lets the login of ECR be seen by hosts of AWS alone', () => {
    const hosts: readonly [string, boolean][] = [
      ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', true],
      ['123456789012.dkr.ecr-fips.us-east-1.amazonaws.com', true],
      ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', true],
      ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.example', false],
      ['123456789012.dkr.ecr.eu-west-1.example.com', false],
      ['public.ecr.aws', false],
    ]
    for (const [host, may] of hosts) assert.equal(mayTakeEcrLogin(`${host}/pi/server:1`), may, host)
  })

  it('is what a task definition of a template names, each once, with the secret that its tasks log in by', () => {
    const of = (settings: object) =>
      imagesOf(resourcesOf(demo, environmentOf({domain: {httpOnly: true}, ...settings}), packageTemplates())).map(
        ({reference, part, login}) => `${part} ${reference}${login ? ' with login' : ''}`,
      )
    const own = (name: string) => `app registry.example.com/pi/${name}:t1 with login`
    const check = 'database public.ecr.aws/docker/library/mariadb:10.11'
    const images = {registry: 'registry.example.com/pi', tag: 't1'}
    const platform = ['server', 'renderer', 'scheduler', 'pirana']
    assert.deepEqual(of({images}), [check, ...platform.map(own)])
    const more = {services: {adminer: {enabled: true}}, parameters: {CheckImage: 'mirror/mariadb:1'}}
    assert.deepEqual(of({images, ...more}), [
      'database mirror/mariadb:1',
      ...platform.map(own),
      'app public.ecr.aws/docker/library/adminer:5.4.1',
    ])
  })
})
