import {
  CancelledError,
  OperatorNeededError,
  PiError,
  RefusedError,
  RolledBackError,
  UsageError,
} from '../../domain/errors.ts'
import {rotations} from '../../domain/rotation.ts'
import {requireAccount} from '../account.ts'
import {neededOutput, recordsBucketOf} from '../landscape.ts'
import {requireSameIdentity} from '../ledger/identity.ts'
import type {Scribe} from '../ledger/once.ts'
import {beginOperation, leavesOpen} from '../ledger/operation.ts'
import type {Run} from '../run.ts'
import {servicePlace} from '../service/place.ts'
import type {RotateOptions, RotatePorts, RotateResult} from './options.ts'
import {requirePullable} from './registry.ts'
import {changeUser, restart, type Rotation, versionBefore, writeValue} from './steps.ts'
import {takeBack} from './take-back.ts'

/**
 * Changes a secret while the platform runs: new version, the database's user after it, new tasks of the services that read
 * it, each waited for. When one of these fails, the former version comes back everywhere.
 * @throws NotFoundError NOT_DEPLOYED; RefusedError WRONG_ACCOUNT, IDENTITY_CHANGED, QUIESCED, SECRET_EMPTY, LOGIN_REFUSED,
 * VALUE_GONE; UsageError CONFIRMATION_MISSING; CancelledError; LockedError; RolledBackError ROTATION_TAKEN_BACK;
 * OperatorNeededError ROTATION_STUCK
 */
export async function rotateSecret(options: RotateOptions, ports: RotatePorts, run: Run): Promise<RotateResult> {
  const {environment, secret, value, resume} = options
  const caller = await ports.identity.caller()
  requireAccount(caller, environment, options.account)
  const place = await servicePlace(ports, environment)
  if (place.quiesced) {
    throw new RefusedError(
      `The platform of ${environment} is quiesced: nothing could be checked. Nothing was changed.`,
      {
        code: 'QUIESCED',
        suggestions: [`pi-aws status ${environment}`],
      },
    )
  }
  const bucket = recordsBucketOf(place.landscape)
  await requireSameIdentity(ports, {bucket, caller, landscape: place.landscape})
  const {output, services, effect} = rotations[secret]
  const rotation: Rotation = {secret, arn: neededOutput(place.outputs, output), place}
  const current = await ports.secrets.currentVersion(rotation.arn)
  if (current === undefined) throw emptySecret(options)
  const restarted = services.filter((service) => place.names.has(service))
  const told = {environment, secret, secretArn: rotation.arn, restarted, effect}
  if (options.dryRun) return {...told, state: 'planned', before: current}
  if (resume === undefined) {
    if (secret === 'registry') await requirePullable(ports, options, place)
    await requireYes(options, ports, effect)
  }
  const request = {kind: 'rotate', environment, caller, bucket, options: {secret}} as const
  const operation = await beginOperation(ports, resume === undefined ? request : {...request, resume}, run)
  const scribe: Scribe = {operation, clock: ports.clock, run}
  try {
    const before = versionBefore(scribe) ?? current
    if (versionBefore(scribe) === undefined)
      await operation.record(
        'before',
        async () => ({version: before}),
        (found) => found,
      )
    const versionId = await goForward(ports, scribe, rotation, value)
    const result: RotateResult = {...told, state: 'rotated', before, versionId, opId: operation.opId}
    await operation.commit({secret, versionId})
    return result
  } catch (error) {
    throw await afterFailure(error, ports, scribe, rotation)
  }
}

async function goForward(
  ports: RotatePorts,
  scribe: Scribe,
  rotation: Rotation,
  value: string | undefined,
): Promise<string> {
  const versionId = await writeValue(ports, scribe, rotation, value)
  scribe.operation.checkpoint()
  if (rotation.secret === 'database') await changeUser(ports, scribe, rotation, 'user')
  for (const service of rotations[rotation.secret].services) {
    if (!rotation.place.names.has(service)) continue
    scribe.operation.checkpoint()
    await restart(ports, scribe, rotation, service, 'restart')
  }
  return versionId
}

/** What failed is taken back at once: half a rotation is a platform that does not come up at its next restart. */
async function afterFailure(error: unknown, ports: RotatePorts, scribe: Scribe, rotation: Rotation): Promise<unknown> {
  const {operation} = scribe
  const {environment} = rotation.place
  const isOurs = error instanceof PiError
  if (!isOurs || leavesOpen(error) || error.code === 'VALUE_GONE' || error.code.startsWith('CREDENTIALS'))
    return operation.end(error)
  try {
    const undone = await takeBack(ports, scribe, rotation)
    await operation.abort({undone, reason: error.message})
  } catch (again) {
    const why = again instanceof Error ? again.message : String(again)
    const stuck = new OperatorNeededError(
      `The ${rotation.secret} secret could not be changed (${error.message}), and taking it back failed too: ${why}`,
      {
        code: 'ROTATION_STUCK',
        suggestions: [
          `pi-aws ops abort ${operation.opId} --environment ${environment}`,
          `pi-aws diagnose ${environment}`,
        ],
        cause: error,
      },
    )
    return operation.end(leavesOpen(again) ? again : stuck)
  }
  return new RolledBackError(
    `The ${rotation.secret} secret was not changed: ${error.message} The former version is back everywhere.`,
    {code: 'ROTATION_TAKEN_BACK', suggestions: error.suggestions, cause: error},
  )
}

function emptySecret({environment, secret}: RotateOptions): RefusedError {
  const first = secret === 'licence' ? 'licence set' : 'registry login'
  return new RefusedError(`The ${secret} secret of ${environment} has no value yet. Nothing was changed.`, {
    code: 'SECRET_EMPTY',
    suggestions: [secret === 'database' ? `pi-aws deploy ${environment}` : `pi-aws ${first} ${environment}`],
  })
}

async function requireYes(
  {environment, secret, confirmed}: RotateOptions,
  {ask}: RotatePorts,
  effect: string,
): Promise<void> {
  if (confirmed) return
  const question = `This changes the ${secret} secret of ${environment}. ${effect}.`
  if (!ask.possible) {
    throw new UsageError(`Confirmation missing: ${question} Nobody can be asked.`, {
      code: 'CONFIRMATION_MISSING',
      suggestions: ['Look at it: --dry-run', 'Then: --yes'],
    })
  }
  if (!(await ask.confirm(`${question} Go on?`)))
    throw new CancelledError('Cancelled. Nothing was changed.', {code: 'CANCELLED'})
}
