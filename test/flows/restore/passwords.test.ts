import assert from 'node:assert/strict'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {must, runRestore, runSnapshot} from '../../helpers/fake-aws/scenario.ts'

describe('a restore of a database', () => {
  for (const [what, spoil] of [
    ['changed', (secret: {value: string | undefined}) => (secret.value = 'rotated since')],
    ['removed', undefined],
  ] as const)
    it(`comes up with passwords of its own, whatever became of those of then (${what})`, async () => {
      const world = await inUse()
      must(await runSnapshot(world))
      world.clock.pass(1000)
      const then = [...world.state.secrets].filter(([arn]) => arn.includes('pi-demo-database-1'))
      assert.ok(then.length > 0)
      for (const [arn, secret] of then) {
        if (spoil === undefined) world.state.secrets.delete(arn)
        else spoil(secret)
      }
      must(await runRestore(world, {safety: 'none'}))
      const [now, ...more] = [...world.state.secrets].filter(([arn]) => arn.includes('pi-demo-database-2'))
      assert.deepEqual([now?.[1].value, more], ['made by CloudFormation', []])
      assert.equal(world.state.instances.get('pi-demo-database-2-instance')?.hasUser, true)
      const made = (text: string): number => world.log.findIndex(({args}) => JSON.stringify(args).includes(text))
      const [user, flip] = [made('check-pi-demo-database-2'), made('-flip/')]
      assert.ok(user > 0 && flip > user, 'the user has its password before the app is pointed there')
    })
})
