import {gate} from '../../domain/change-set.ts'
import {FailedError} from '../../domain/errors.ts'
import type {Part} from '../../domain/parts.ts'
import {isStanding} from '../landscape.ts'
import {prepareChangeSet, refusal} from '../stack/change-stack.ts'
import {aheadStep} from '../stack/forgotten-change-sets.ts'
import type {PartDeployer} from './part-deployer.ts'

/** What a change set says before its turn; `unknown` where it hangs on outputs that an earlier part has yet to give. */
type Foreseen = 'unchanged' | 'changed' | 'unknown'

/**
 * Judges the changes of all standing parts before the first of them begins, so that a refusal means that nothing was
 * changed. The change sets are made side by side and deleted again.
 * @returns the parts that do not change as long as no part before them does
 * @throws RefusedError DATA_AT_RISK
 */
export async function lookAhead(deployer: PartDeployer, wanted: readonly Part[]): Promise<ReadonlySet<Part>> {
  const standing = wanted.filter((part) => isStanding(deployer.stack(part)))
  // A single part is judged at its own turn, before anything else has happened.
  if (standing.length < 2) return new Set()
  return deployer.step({step: 'look-ahead', title: 'Changes ahead'}, async () => {
    // All are waited for, so that a refusal of one leaves no change set of another behind.
    const looks = await Promise.allSettled(standing.map((part) => foresee(deployer, part)))
    const seen = standing.map((part, index) => [part, valueOf(looks[index])] as const)
    const unchanged = seen.filter(([, what]) => what === 'unchanged').map(([part]) => part)
    const rest = seen.length - unchanged.length
    return {
      value: new Set(unchanged),
      outcome: rest === 0 ? 'unchanged' : 'done',
      detail: rest === 0 ? 'none' : `${rest} of ${seen.length} parts`,
    }
  })
}

function valueOf(look: PromiseSettledResult<Foreseen> | undefined): Foreseen {
  if (look?.status === 'rejected') throw look.reason
  return look?.value ?? 'unknown'
}

async function foresee(deployer: PartDeployer, part: Part): Promise<Foreseen> {
  const {ports, operation, options} = deployer.context
  const current = deployer.stack(part)
  const target = deployer.target(part)
  const token = operation.token(aheadStep(part))
  try {
    const changeSet = await prepareChangeSet(ports, target, current, target.parameters(current), {
      changeSetName: `pi-${token}`,
      description: `pi-aws deploy, operation ${operation.opId}: looked at, never executed`,
      token,
      roleArn: options.cloudFormationRoleArn,
      stop: operation.stop,
    })
    await ports.stacks.deleteChangeSet(changeSet.arn)
    const findings = gate(changeSet.changes, options.allowed)
    if (findings.some((finding) => finding.severity === 'refused')) throw refusal(target.name, findings)
    return changeSet.state === 'empty' ? 'unchanged' : 'changed'
  } catch (error) {
    // Its own turn will tell: by then the parts before it have given what it waits for.
    if (error instanceof FailedError && ['UNWIRED_PARAMETER', 'CHANGE_SET_FAILED'].includes(error.code))
      return 'unknown'
    throw error
  }
}
