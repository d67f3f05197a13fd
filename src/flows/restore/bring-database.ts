import {FailedError} from '../../domain/errors.ts'
import type {Generation} from '../../domain/names.ts'
import {stackName} from '../../domain/parts.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {neededOutput} from '../landscape.ts'
import type {Scribe} from '../ledger/once.ts'
import type {StackDescription} from '../ports.ts'
import {askDatabase} from '../snapshot/capture-database.ts'
import type {Site} from '../snapshot/site.ts'
import {reported} from '../steps.ts'
import type {RestorePorts} from './options.ts'
import type {StackShaper} from './shape-stack.ts'

/** RDS wants room to grow of at least a tenth (RDS guide, storage autoscaling); what has less gets a quarter. */
function room(limit: string | undefined, allocated: number): Record<string, string> {
  return Number(limit ?? 0) * 10 >= allocated * 11 ? {} : {MaxAllocatedStorage: String(Math.ceil(allocated * 1.25))}
}

/**
 * Makes the next generation of the database beside the active one, from the snapshot of a set: size, engine, family and
 * user are the snapshot's, everything else is as the active one has it. It is not protected yet, so that a failed
 * creation can roll back.
 */
export async function bringDatabase(
  shaper: StackShaper,
  site: Site,
  {database}: Manifest,
  generation: Generation,
  name = stackName(site.environment, 'database', generation),
): Promise<StackDescription> {
  const {allocatedStorage, parameterGroupFamily, masterUsername} = database
  return shaper.beside(
    {step: 'stage-database', title: `Database: generation ${generation} from the snapshot`, part: 'database'},
    site.database,
    name,
    {
      Generation: String(generation),
      // RDS restores what AWS Backup made as it restores its own, by the ARN that the recovery point has.
      SnapshotIdentifier: database.vault === undefined ? database.snapshotIdentifier : database.snapshotArn,
      AllocatedStorage: String(allocatedStorage),
      ...room(site.database.parameters['MaxAllocatedStorage'], allocatedStorage),
      ParameterGroupFamily: parameterGroupFamily,
      EngineVersion: parameterGroupFamily.replace(/^mariadb/, ''),
      MasterUsername: masterUsername,
      DeletionProtection: 'false',
      Active: 'false',
    },
  )
}

/**
 * Has the check task of the new generation give the platform's user its password, look for the canary and count.
 * @throws FailedError CHECK_FAILED
 */
export async function checkDatabase(
  ports: RestorePorts,
  {operation, clock, run}: Scribe,
  site: Site,
  staged: StackDescription,
  {id, database, consistency}: Manifest,
): Promise<void> {
  const step = {step: 'check-database', title: 'Database: canary and counts', part: 'database'} as const
  await reported({clock, report: run.report}, step, async () => {
    const facts = await operation.record(
      step.step,
      (token) =>
        askDatabase(ports, site, {
          taskDefinition: neededOutput(staged.outputs, 'CheckTaskDefinitionArn'),
          logGroup: staged.outputs['CheckLogGroup'],
          title: 'The check of the restored database',
          canary: id,
          mode: 'look',
          startedBy: token,
          stop: operation.stop,
        }),
      (value) => value,
    )
    const {counts} = database
    if (counts === undefined) return {value: undefined, outcome: 'skipped', detail: 'the set has no counts to compare'}
    const lost = facts.canary === id ? [] : [`its canary is ${facts.canary ?? 'not there'}`]
    const moved = [
      ...(facts.tables === counts.tables
        ? []
        : [`it has ${facts.tables ?? 'uncounted'} tables instead of ${counts.tables}`]),
      ...(facts.rows === counts.rows ? [] : [`it has ${facts.rows ?? 'uncounted'} rows instead of ${counts.rows}`]),
    ]
    // Nobody had stopped writing between the count and the snapshot: that is what live means.
    const livesOn = consistency === 'live' && facts.rows !== undefined && facts.tables !== undefined
    if (livesOn && moved.length > 0) {
      const message = `While the set was captured, the database moved on: ${moved.join('; ')}.`
      run.report({type: 'warning', code: 'ROWS_MOVED_ON', message})
    }
    const wrong = livesOn ? lost : [...lost, ...moved]
    if (wrong.length === 0) return {value: undefined, outcome: 'done', detail: `${counts.rows} rows`}
    throw new FailedError(
      `The restored database is not what the set says: ${wrong.join('; ')}. The live data are untouched.`,
      {
        code: 'CHECK_FAILED',
      },
    )
  })
}
