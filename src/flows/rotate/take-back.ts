import type {ServiceName} from '../../domain/configuration.ts'
import {rotations} from '../../domain/rotation.ts'
import type {Scribe} from '../ledger/once.ts'
import {reported} from '../steps.ts'
import type {RotatePorts} from './options.ts'
import {changeUser, restart, type Rotation, versionBefore} from './steps.ts'

/**
 * Puts the former version back and everything that read the new one after it. Looks at the journal for what was begun, and
 * at Secrets Manager for what is current: done again it ends the same.
 * @returns what was taken back, in words
 */
export async function takeBack(ports: RotatePorts, scribe: Scribe, rotation: Rotation): Promise<readonly string[]> {
  const {operation, clock, run} = scribe
  const before = versionBefore(scribe)
  const begun = (step: string): boolean => operation.journal.entries.some((entry) => entry.step === step)
  if (before === undefined || !begun('value')) return []
  const undone: string[] = []
  await reported(
    {clock, report: run.report},
    {step: 'secret-back', title: `Former version of the ${rotation.secret} secret`},
    async () => {
      const moved = await operation.recordAnyway('secret-back', () => ports.secrets.makeCurrent(rotation.arn, before))
      if (moved) undone.push(`version of the ${rotation.secret} secret`)
      return {value: undefined, outcome: moved ? 'done' : 'unchanged'}
    },
  )
  if (begun('user')) {
    await changeUser(ports, scribe, rotation, 'user-back')
    undone.push('password of the database user')
  }
  for (const service of restartedIn(rotation, begun)) {
    await restart(ports, scribe, rotation, service, 'back')
    undone.push(`tasks of ${service}`)
  }
  return undone
}

function restartedIn({secret, place}: Rotation, begun: (step: string) => boolean): readonly ServiceName[] {
  return rotations[secret].services.filter((service) => place.names.has(service) && begun(`restart-${service}`))
}
