import assert from 'node:assert/strict'
import {printPolicy} from '../../src/flows/policy.ts'
import {configured, demo} from '../helpers/fake-aws/scenario.ts'
import {World} from '../helpers/fake-aws/world.ts'

const {packageFiles} = new World().process().ports
const print = (settings: Record<string, unknown>, policy?: string) =>
  printPolicy({environment: demo, configuration: configured(settings), policy}, {packageFiles})

describe('policy print', () => {
  it('narrows the policies to account, region, partition and environment', async () => {
    const chinese = await print({region: 'cn-north-1', account: '111122223333', roles: {path: '/bi/'}})
    const text = JSON.stringify(chinese)
    assert.match(text, /arn:aws-cn:cloudformation:cn-north-1:111122223333:stack\/pi-demo-\*\/\*/)
    assert.match(text, /arn:aws-cn:iam::111122223333:role\/bi\/pi-demo-\*/)
    assert.match(JSON.stringify(await print({})), /arn:aws:cloudformation:eu-west-1:\*:stack\/pi-demo-/)
  })

  it('prints one of them alone, and names them to who asks for another', async () => {
    const {policies} = await print({}, 'pi-aws')
    assert.deepEqual(
      policies.map(({name}) => name),
      ['pi-aws'],
    )
    await assert.rejects(print({}, 'pi-aws-nothing'), {code: 'UNKNOWN_POLICY'})
  })
})
