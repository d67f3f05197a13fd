import assert from 'node:assert/strict'
import {FailedError} from '../../../src/domain/errors.ts'
import type {ImageRequest} from '../../../src/flows/preflight/ports.ts'
import type {OwnCall} from '../../helpers/fake-aws/fake-process.ts'
import {configured} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {packageTexts} from '../../helpers/package-templates.ts'
import {answer} from './asking.ts'

describe('the check of the registry', () => {
  const everyImage = [
    'public.ecr.aws/docker/library/mariadb:10.11',
    'ghcr.io/pi-cr/server:2026_10',
    'ghcr.io/pi-cr/renderer:2026_10',
    'ghcr.io/pi-cr/scheduler:2026_10',
    'ghcr.io/pi-cr/pirana:2026_10',
  ]
  const image = ({args: [request]}: OwnCall): string => {
    const {registry, repository, tag} = request as ImageRequest
    return `${registry}/${repository}:${tag}`
  }
  const real = (): World => {
    const world = new World()
    world.templates = packageTexts()
    return world
  }
  const adminer = configured({services: {adminer: {enabled: true}}})

  it('asks for every image that tasks pull, once, and shows the credentials to their registry alone', async () => {
    const asked = new Map<string, boolean>()
    const check = await answer(
      'registry',
      real(),
      {configuration: adminer},
      {
        onCall(call) {
          if (call.name !== 'imageRegistry.manifest') return
          assert.ok(!asked.has(image(call)), image(call))
          asked.set(image(call), (call.args[0] as ImageRequest).credentials !== undefined)
        },
      },
    )
    assert.equal(check.verdict, 'OK', check.reason)
    const all = [...everyImage, 'public.ecr.aws/docker/library/adminer:5.4.1']
    assert.deepEqual(Object.fromEntries(asked), Object.fromEntries(all.map((one) => [one, one.startsWith('ghcr.io/')])))
    for (const one of all) assert.ok(check.reason.includes(one), one)
  })

  it('asks only for what the parts that are deployed pull, and for nothing that a role pulls', async () => {
    const roles = configured({images: {registry: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/pi'}})
    const database = await answer('registry', real(), {parts: ['database'], secrets: {}})
    assert.deepEqual([database.verdict, database.reason], ['OK', `${everyImage[0] ?? ''} can be pulled`])
    const mirrored = await answer('registry', real(), {configuration: roles, secrets: {}})
    assert.deepEqual([mirrored.verdict, mirrored.reason], ['OK', `${everyImage[0] ?? ''} can be pulled`])
  })

  for (const name of everyImage) {
    it(`refuses where ${name} alone cannot be pulled, and cannot tell where it alone is out of reach`, async () => {
      const world = real()
      world.images.set(name, {found: false, why: 'missing', status: 404})
      const missing = await answer('registry', world)
      assert.equal(missing.verdict, 'FAIL')
      assert.ok(missing.reason.startsWith(`${name} does not exist`), missing.reason)
      world.images.set(name, {found: false, why: 'denied', status: 403})
      const refused = await answer('registry', world)
      assert.equal(refused.verdict, 'FAIL')
      assert.ok(refused.reason.includes(`${name} `), refused.reason)
      world.images.clear()
      const away = await answer(
        'registry',
        world,
        {},
        {
          onCall(call) {
            if (call.name === 'imageRegistry.manifest' && image(call) === name)
              throw new FailedError('Nobody there.', {code: 'REGISTRY_UNREACHABLE'})
          },
        },
      )
      assert.deepEqual([away.verdict, away.reason], ['UNKNOWN', 'Nobody there'])
    })
  }

  it('tells of a public image that is missing before it asks for credentials', async () => {
    const world = real()
    world.images.set(everyImage[0] ?? '', {found: false, why: 'missing', status: 404})
    assert.match((await answer('registry', world, {secrets: {}})).reason, /mariadb:10.11 does not exist there/)
    world.images.clear()
    assert.match((await answer('registry', world, {secrets: {}})).reason, /no login of the image registry yet/)
  })
})
