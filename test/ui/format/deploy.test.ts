import assert from 'node:assert/strict'
import type {DeployResult} from '../../../src/flows/deploy/options.ts'
import {formatDeploy} from '../../../src/ui/format/deploy.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'

const traits = {isTTY: false, color: false, unicode: false, width: 80, height: 24}
const foundation = {part: 'foundation', stack: 'pi-prod-foundation', stackId: 's', status: 'created'} as const

async function heading(more: Partial<DeployResult>): Promise<string> {
  const result = {environment: 'prod', changed: true, opId: 'op', parts: [foundation], outputs: {}, ...more}
  return formatDeploy(result, await loadLayout(traits)).split('\n')[0] ?? ''
}

describe('the result of a deploy', () => {
  it('calls an environment deployed once its app stands, and else names the parts', async () => {
    const outputs = {LoadBalancerDnsName: 'balancer'}
    assert.equal(await heading({outputs}), 'Environment prod is deployed')
    assert.equal(await heading({}), 'Of environment prod: foundation')
    assert.equal(await heading({changed: false}), 'Environment prod: nothing to change')
  })
})
