/** One stack through the real flow and adapters; the bench bundles this file and starts it as a process of its own. */
import {wirePorts} from '../../src/cli/wire.ts'
import {changeStack} from '../../src/flows/stack/change-stack.ts'
import {protect} from '../../src/flows/stack/protect.ts'

const [endpointUrl, body, name = 'pi-bench-network'] = process.argv.slice(2)

const ports = await wirePorts({
  root: process.cwd(),
  region: 'eu-west-1',
  local: false,
  endpointUrl,
  profile: undefined,
  roleArn: undefined,
  log: undefined,
  ask: {
    possible: false,
    confirm: () => Promise.resolve(false),
    text: () => Promise.resolve(''),
    secret: () => Promise.resolve(''),
  },
})
const {stack} = await changeStack(
  ports,
  {part: 'network', name, template: {body: body ?? ''}, tags: {'pi:environment': 'bench'}, parameters: () => ({})},
  {
    changeSetName: 'pi-bench',
    description: 'pi-aws bench',
    token: 'pi-bench',
    allowed: [],
    wait: true,
    continueRollback: false,
    roleArn: undefined,
    stop: new AbortController().signal,
    beforeExecute: () => Promise.resolve(),
  },
  () => undefined,
)
await protect(ports.stacks, stack)
