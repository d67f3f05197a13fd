import assert from 'node:assert/strict'
import {AccessError, FailedError} from '../../../src/domain/errors.ts'
import type {ImageAnswer, ImageRequest} from '../../../src/flows/preflight/ports.ts'
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

  it('asks only for what the parts that are deployed pull', async () => {
    const database = await answer('registry', real(), {parts: ['database'], secrets: {}})
    assert.deepEqual([database.verdict, database.reason], ['OK', `${everyImage[0] ?? ''} can be pulled`])
  })

  describe('looks into ECR for what tasks pull by their role', () => {
    const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
    const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
    const release = {server: digest('a'), renderer: digest('b'), scheduler: digest('c'), pirana: digest('d')}
    const mirror = {registry: `${host}/pi-demo`, releases: {'2026_10': release}, others: {}}
    const configuration = configured({images: {tag: '2026_10', mirror}})
    const copies = Object.entries(release).map(([name, tag]) => `${mirror.registry}/${name}:${tag}`)

    it('with the login of the caller, which no other registry sees', async () => {
      const shown = new Map<string, string | undefined>()
      const check = await answer(
        'registry',
        real(),
        {configuration, secrets: {}},
        {
          onCall(call) {
            if (call.name !== 'imageRegistry.manifest') return
            shown.set(image(call), (call.args[0] as ImageRequest).credentials?.username)
          },
        },
      )
      assert.equal(check.verdict, 'OK', check.reason)
      const login = copies.map((copy) => [copy, 'AWS'] as const)
      assert.deepEqual(Object.fromEntries(shown), {...Object.fromEntries(login), [everyImage[0] ?? '']: undefined})
      assert.match(check.reason, /mariadb:10\.11 can be pulled; ECR has .*pi-demo\/server@sha256:a/)
    })

    it('and refuses what is missing there with the command that brings it', async () => {
      const world = real()
      world.images.set(copies[1] ?? '', {found: false, why: 'missing', status: 404})
      const check = await answer('registry', world, {configuration, secrets: {}})
      assert.deepEqual(
        [check.verdict, check.reason, check.next],
        [
          'FAIL',
          `ECR does not have ${mirror.registry}/renderer@${release.renderer}`,
          ['pi-aws registry mirror demo --tag 2026_10'],
        ],
      )
      const ours = configured({images: {registry: `${host}/ours`, tag: '2026_10'}})
      world.images.set(`${host}/ours/server:2026_10`, {found: false, why: 'missing', status: 404})
      const pushed = await answer('registry', world, {configuration: ours, secrets: {}})
      assert.equal(pushed.verdict, 'UNKNOWN', 'a pull-through cache may bring it')
      assert.match(pushed.next[0] ?? '', /^Push it there/)
    })

    it('and cannot tell where the caller may not look: the role may', async () => {
      const world = real()
      world.images.set(copies[0] ?? '', {found: false, why: 'denied', status: 403})
      const denied = await answer('registry', world, {configuration, secrets: {}})
      assert.equal(denied.verdict, 'UNKNOWN')
      assert.match(denied.reason, /does not show you .*\/server@/)
      for (const name of ['repositories.login', 'imageRegistry.manifest']) {
        const away = await answer(
          'registry',
          real(),
          {configuration, secrets: {}, parts: ['app']},
          {
            onCall(call) {
              if (call.name === name) throw new AccessError('Not for you.', {code: 'ACCESS_DENIED'})
            },
          },
        )
        assert.equal(away.verdict, 'UNKNOWN', name)
        assert.match(away.reason, /Not for you/)
      }
    })

    it('and answers with the graver where others are pulled by a login, or with the words of both', async () => {
      const mariadb = everyImage[0] ?? ''
      const ofRole = copies[0] ?? ''
      const missing: ImageAnswer = {found: false, why: 'missing', status: 404}
      const denied: ImageAnswer = {found: false, why: 'denied', status: 403}
      const asked = async (answers: ReadonlyMap<string, ImageAnswer>, unreachable = ''): ReturnType<typeof answer> => {
        const world = real()
        for (const [name, one] of answers) world.images.set(name, one)
        return answer(
          'registry',
          world,
          {configuration, secrets: {}},
          {
            onCall(call) {
              if (call.name === 'imageRegistry.manifest' && image(call) === unreachable)
                throw new FailedError('Nobody there.', {
                  code: 'REGISTRY_UNREACHABLE',
                  suggestions: ['Look again later'],
                })
            },
          },
        )
      }
      const graver = await asked(
        new Map([
          [mariadb, missing],
          [ofRole, denied],
        ]),
      )
      assert.equal(graver.verdict, 'FAIL')
      assert.match(graver.reason, /^public.ecr.aws[^;]* does not exist there[^;]*$/)
      const graverOfRole = await asked(new Map([[ofRole, missing]]), mariadb)
      assert.deepEqual(
        [graverOfRole.verdict, graverOfRole.next],
        ['FAIL', ['pi-aws registry mirror demo --tag 2026_10']],
      )
      const alike = await asked(new Map([[ofRole, denied]]), mariadb)
      assert.deepEqual([alike.verdict, alike.next], ['UNKNOWN', ['Look again later']])
      assert.match(alike.reason, /^Nobody there; ECR does not show you .*server@/)
    })

    it('but shows no login to a host that only begins like one of ECR', async () => {
      const alike = ['123456789012.dkr.ecr.example.com/pi', '123456789012.dkr.ecr.eu-west-1.amazonaws.com.example/pi']
      for (const registry of alike) {
        const calls: string[] = []
        const check = await answer(
          'registry',
          real(),
          {configuration: configured({images: {registry}}), secrets: {}, parts: ['app']},
          {onCall: (call) => void calls.push(call.name)},
        )
        assert.deepEqual([check.verdict, check.reason], ['SKIP', 'tasks log in by their role'])
        assert.ok(!calls.includes('repositories.login') && !calls.includes('imageRegistry.manifest'), registry)
      }
    })
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
