import {bytesOf} from '../../domain/assets/bundle.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {FileResult} from '../../domain/sideload.ts'
import {readLatest} from '../assets/latest.ts'
import {Meter} from '../assets/meter.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {wake} from './call.ts'
import {calleeOf, drive} from './drive.ts'
import type {SideloadPorts} from './options.ts'
import {sideloadPlace} from './place.ts'
import {noBundle, settlePlan} from './plan.ts'

export interface VerifyOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Hashes every file, also those that nobody has touched since they were loaded. */
  readonly thorough: boolean
  /** Go on with this operation. */
  readonly resume: OpId | undefined
}

export interface VerifyResult {
  readonly environment: string
  readonly opId: string
  readonly bundle: string
  readonly generation: number
  readonly thorough: boolean
  readonly same: number
  readonly changed: number
  readonly missing: number
  /** What could not be compared. */
  readonly failed: number
  /** Bytes that were read and hashed. */
  readonly bytes: number
  /** What became of each path. */
  readonly files: readonly FileResult[]
}

/** Whether the generation is what the bundle says; unknown is no yes. */
export function isVerified({changed, missing, failed}: VerifyResult): boolean {
  return changed + missing + failed === 0
}

/**
 * Compares the active generation with the newest bundle, path by path, inside of the file system. Changes nothing there.
 * @throws as `sideload`
 */
export async function verify(options: VerifyOptions, ports: SideloadPorts, run: Run): Promise<VerifyResult> {
  const {environment, account, thorough, resume} = options
  const place = await sideloadPlace(environment, account, ports)
  if (resume === undefined && (await readLatest(ports.objects, place)) === undefined) throw noBundle(environment)
  const operation = await beginOperation(
    ports,
    {
      kind: 'verify',
      environment,
      caller: place.caller,
      bucket: place.recordsBucket,
      options: {thorough},
      ...(resume === undefined ? {} : {resume}),
    },
    run,
  )
  try {
    await wake(calleeOf({ports, run, operation, place}), (reason) => run.report({type: 'note', message: reason}))
    const {plan, entries} = await settlePlan(ports, place, operation)
    const files = entries.filter(({kind}) => kind === 'file')
    const sizes = new Map(files.map(({path, size}) => [path, size]))
    const meter = new Meter(ports.clock, run.report, {files: files.length, bytes: bytesOf(files)})
    const title = thorough ? 'Compare every file by its content' : 'Compare files'
    const at = {clock: ports.clock, report: run.report}
    const driven = await reported(at, {step: 'verify', title}, async () => {
      const work = {work: 'verify', ranges: plan.ranges, more: {thorough}, progress: {sizes, meter}} as const
      const value = await drive({ports, run, operation, place, plan}, work)
      return {value, outcome: 'done', detail: `${value.counts['same'] ?? 0} of ${entries.length} the same`}
    })
    const {same = 0, changed = 0, missing = 0, failed = 0, bytes = 0} = driven.counts
    const result = {
      environment,
      opId: operation.opId,
      bundle: plan.bundle,
      generation: plan.generation,
      thorough,
      ...{same, changed, missing, failed, bytes},
    }
    await operation.commit(result)
    return {...result, files: driven.files}
  } catch (error) {
    throw await operation.end(error)
  }
}
