import type {Part} from '../../domain/parts.ts'
import {partOf} from '../../domain/landscape.ts'
import {statusTable} from '../../domain/stack-status.ts'
import {requireName} from '../confirm.ts'
import {loadTemplates, type TemplateSet} from '../deploy/templates.ts'
import {mergedOutputs, readLandscape, recordsBucketOf, stackOf} from '../landscape.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {Ports, StackDescription} from '../ports.ts'
import type {Run} from '../run.ts'
import {takeFinalSnapshot} from './final-snapshot.ts'
import {keptThings} from './kept.ts'
import type {DestroyOptions, DestroyResult} from './options.ts'
import {removeData} from './remove-data.ts'
import {StackRemover} from './stack-remover.ts'
import {waitForInterfaces} from './wait-interfaces.ts'

export type DestroyPorts = Omit<Ports, 'certificates' | 'hostedZones' | 'loadBalancers' | 'functions'>

/**
 * Takes an environment down and keeps its data: services to zero, a final database snapshot, then operations, app,
 * databases, the function and mount targets of the files, network. Foundation and file system stay; the next deploy
 * adopts them. With `withData` these go too.
 * @throws RefusedError NO_FOUNDATION; UsageError for the confirmation; what stack removal throws
 */
export async function destroy(options: DestroyOptions, ports: DestroyPorts, run: Run): Promise<DestroyResult> {
  const {environment} = options
  const caller = await ports.identity.caller()
  const landscape = await readLandscape(ports, environment)
  const bucket = recordsBucketOf(landscape)
  await confirmAll(options, ports)
  const templates = await loadTemplates(ports.packageFiles)
  const operation = await beginOperation(
    ports,
    {kind: 'destroy', environment, caller, bucket, options: {withData: options.withData}, ...(options.resume === undefined ? {} : {resume: options.resume})},
    run,
  )
  try {
    const remover = new StackRemover({ports, run, operation, roleArn: options.cloudFormationRoleArn})
    const outputs = mergedOutputs(landscape)
    await saveDatabase()
    const removed: string[] = []
    for (const part of ['operations', 'app', 'database'] as const) removed.push(...(await removePart(part)))
    await detachFiles()
    await remover.step('interfaces', 'Network interfaces', 'network', async () => {
      const groups = Object.entries(outputs).filter(([name]) => name.endsWith('SecurityGroupId')).map(([, id]) => id)
      await waitForInterfaces(ports, groups, operation.stop)
      return 'none left'
    })
    removed.push(...(await removePart('network')))
    if (options.withData) removed.push(...(await removeData({ports, remover, landscape, outputs, environment})))
    const kept = options.withData ? [] : keptThings(landscape, outputs, await ports.databases.snapshotsOf(environment))
    const result: DestroyResult = {
      environment,
      opId: operation.opId,
      removed,
      kept: kept.map((thing) => thing.id),
      keptDetails: kept,
    }
    if (options.withData) await operation.release()
    else await operation.commit({removed})
    return result

    async function saveDatabase(): Promise<void> {
      const app = stackOf(landscape, 'app')
      const database = stackOf(landscape, 'database')
      if (database === undefined || statusTable[database.status].deploy !== 'update') return
      const wasQuiet = app === undefined || app.parameters['Quiesced'] === 'true'
      if (app !== undefined && statusTable[app.status].deploy === 'update') {
        await remover.change(app, 'app', templates, {Quiesced: 'true', DeletionProtection: 'false'}, 'App: services to zero')
      }
      if (options.withData) return
      await remover.step('final-snapshot', 'Database: final snapshot', 'database', async () => {
        const retained = await takeFinalSnapshot(ports, {
          environment,
          opId: operation.opId,
          bucket,
          database,
          generations: landscape.generations,
          earlier: wasQuiet && landscape.retained?.database.generation === landscape.generations.database ? landscape.retained : undefined,
          stop: operation.stop,
        })
        return retained.database.snapshotIdentifier
      })
    }

    async function removePart(part: Part): Promise<readonly string[]> {
      const gone: string[] = []
      for (const stack of stacksOf(part)) {
        if (part === 'database') await liftDatabaseProtection(stack, templates)
        await remover.remove(stack, part)
        gone.push(stack.name)
      }
      return gone
    }

    function stacksOf(part: Part): readonly StackDescription[] {
      return landscape.stacks.filter((stack) => partOf(environment, stack.name) === part && statusTable[stack.status].destroy !== 'nothing')
    }

    async function liftDatabaseProtection(stack: StackDescription, set: TemplateSet): Promise<void> {
      if (statusTable[stack.status].deploy !== 'update' || stack.parameters['DeletionProtection'] !== 'true') return
      await remover.change(stack, 'database', set, {DeletionProtection: 'false', Active: 'false'}, `Database: protection of ${stack.name}`)
    }

    async function detachFiles(): Promise<void> {
      const files = stackOf(landscape, 'files')
      if (files === undefined || files.parameters['Attached'] === 'false' || statusTable[files.status].deploy !== 'update') return
      await remover.change(files, 'files', templates, {Attached: 'false'}, 'Files: function and mount targets')
    }
  } catch (error) {
    throw await operation.end(error)
  }
}

async function confirmAll(options: DestroyOptions, {ask}: DestroyPorts): Promise<void> {
  const {environment} = options
  if (!options.confirmed) {
    await requireName(ask, environment, options.confirm, {
      flag: '--confirm',
      question: `This takes ${environment} down; its data stay.`,
    })
  }
  if (options.withData) {
    await requireName(ask, environment, options.confirmData, {
      flag: '--confirm-data',
      question: `This also deletes all data of ${environment}: files, snapshots, assets, ledger. It cannot be taken back.`,
    })
  }
}
