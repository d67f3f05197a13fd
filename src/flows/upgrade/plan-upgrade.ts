import {NotFoundError, RefusedError} from '../../domain/errors.ts'
import {type Part, parts} from '../../domain/parts.ts'
import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {type TemplateMove, templateMoves} from '../../domain/template-notes.ts'
import {configuredTag, downtimeOf, migrationWarning, withTag} from '../../domain/upgrade.ts'
import {requireAccount} from '../account.ts'
import {loadTemplates, type TemplateSet, versionOf} from '../deploy/templates.ts'
import {isStanding, type Landscape, mergedOutputs, readLandscape, recordsBucketOf, stackOf} from '../landscape.ts'
import {plan, type PlanResult} from '../plan.ts'
import type {StackDescription} from '../ports.ts'
import type {Run} from '../run.ts'
import {imageMoves} from './images.ts'
import type {UpgradeOptions, UpgradePlan, UpgradePorts} from './options.ts'
import {tagBefore} from './tag-before.ts'

/** A plan with what carrying it out needs besides. */
export interface PlannedUpgrade {
  readonly plan: UpgradePlan
  /** The configuration with the tag to go to. */
  readonly configuration: EnvironmentConfiguration
  /** Whether there is anything to do. */
  readonly needed: boolean
  /** Of the plan; the deploy is refused when reality has moved on. */
  readonly fingerprint: string
}

/**
 * Finds out what an upgrade would do, and whether it may: the release, its images by digest, the templates, the change of
 * every stack. Changes nothing.
 * @throws NotFoundError NOT_DEPLOYED; RefusedError WRONG_ACCOUNT, TAG_FIXED, NO_TAG_BEFORE, TEMPLATES_MOVE, TAG_NOT_FOUND,
 * UPGRADE_REFUSED; what `plan` throws
 */
export async function planUpgrade(options: UpgradeOptions, ports: UpgradePorts, run: Run): Promise<PlannedUpgrade> {
  const {environment} = options
  const caller = await ports.identity.caller()
  requireAccount(caller, environment, options.configuration.account)
  const templates = await loadTemplates(ports.packageFiles)
  const landscape = await readLandscape(ports, environment)
  const app = requireApp(landscape)
  const from = app.parameters['ImageTag'] ?? ''
  const tag = {from, to: await targetTag(options, ports, landscape, templates, from)}
  const configuration = withTag(options.configuration, tag.to)
  const moves = templateMoves(deployedVersions(landscape), offeredVersions(templates))
  requireAsked(options, moves)
  const strict = options.snapshotFirst && options.consistency === 'strict'
  const needed = tag.from !== tag.to || moves.length > 0
  const file =
    options.file !== undefined && tag.to !== configuredTag(environment, options.configuration, templates.models.app)
      ? {file: options.file}
      : {}
  const head = {environment, tag, templates: moves, snapshotFirst: needed && options.snapshotFirst, ...file}
  if (!needed) {
    const nothing = {...head, images: [], parts: [], downtime: [], warnings: []}
    return {plan: nothing, configuration, needed, fingerprint: ''}
  }
  const outputs = mergedOutputs(landscape)
  const {embedded} = options
  const images = await imageMoves(ports, {environment, configuration, templates, outputs, embedded}, run.report)
  const asked = {environment, configuration, parts: [], cloudFormationRoleArn: options.cloudFormationRoleArn}
  const planned = await plan(asked, ports, run)
  requireHarmless(planned)
  return {
    plan: {
      ...head,
      images,
      parts: planned.parts,
      downtime: tag.from === tag.to ? [] : downtimeOf(app.parameters, strict),
      warnings: [
        ...(tag.from === tag.to ? [] : [migrationWarning]),
        ...(options.snapshotFirst ? [] : ['No snapshot is taken first: what the new release does to the data stays']),
      ],
    },
    configuration,
    needed,
    fingerprint: planned.fingerprint,
  }
}

function requireApp(landscape: Landscape): StackDescription {
  const app = stackOf(landscape, 'app')
  if (isStanding(app)) return app
  const {environment} = landscape
  throw new NotFoundError(`Environment ${environment} has no app that stands: there is nothing to upgrade.`, {
    code: 'NOT_DEPLOYED',
    suggestions: [`pi-aws status ${environment}`, `pi-aws deploy ${environment}`],
  })
}

async function targetTag(
  options: UpgradeOptions,
  ports: UpgradePorts,
  landscape: Landscape,
  templates: TemplateSet,
  current: string,
): Promise<string> {
  const {environment, configuration, rollback, tag} = options
  const fixed = configuration.parameters['ImageTag']
  if (fixed !== undefined && (rollback || tag !== undefined)) {
    throw new RefusedError(
      `The tag of ${environment} is fixed: parameters.ImageTag says ${fixed}, which goes before images.tag. Nothing was changed.`,
      {code: 'TAG_FIXED', suggestions: [`pi-aws config set parameters.ImageTag --unset --environment ${environment}`]},
    )
  }
  if (rollback) return (await tagBefore(ports, recordsBucketOf(landscape), environment, current)).tag
  return tag ?? configuredTag(environment, configuration, templates.models.app)
}

function deployedVersions(landscape: Landscape): ReadonlyMap<Part, string> {
  return new Map(
    parts.flatMap((part) => {
      const stack = stackOf(landscape, part)
      const version = isStanding(stack) ? stack.outputs['TemplateVersion'] : undefined
      return version === undefined ? [] : [[part, version] as const]
    }),
  )
}

function offeredVersions({models}: TemplateSet): ReadonlyMap<Part, string> {
  return new Map(parts.map((part) => [part, versionOf(models[part])]))
}

/** Two things at once only for who asked for both: when it goes wrong, one wants to know which it was. */
function requireAsked({environment, toTemplate}: UpgradeOptions, moves: readonly TemplateMove[]): void {
  if (toTemplate || moves.length === 0) return
  const list = moves.map(({part, from, to}) => `${part} ${from} -> ${to}`).join(', ')
  throw new RefusedError(
    `The templates of this pi-aws are not those that are deployed: ${list}. Nothing was changed.`,
    {
      code: 'TEMPLATES_MOVE',
      suggestions: [
        `See what moves: pi-aws upgrade ${environment} --to-template --dry-run`,
        'Then add --to-template, or use the version of pi-aws that deployed it',
      ],
    },
  )
}

/** What a deploy would refuse is refused before a snapshot takes the services down. */
function requireHarmless({environment, parts: rows}: PlanResult): void {
  const refused = rows.flatMap(({part, changes}) =>
    changes.filter(({gate}) => gate === 'refused').map(({logicalId}) => `${part}.${logicalId}`),
  )
  const blocked = rows.filter(({action}) => action === 'blocked' || action === 'wait')
  if (refused.length === 0 && blocked.length === 0) return
  const why = [
    ...refused.map((name) => `${name} holds data and would be replaced or removed`),
    ...blocked.map(({stack, note}) => `${stack}: ${note ?? 'it cannot be changed'}`),
  ]
  throw new RefusedError(`Environment ${environment} cannot be upgraded: ${why.join('; ')}. Nothing was changed.`, {
    code: 'UPGRADE_REFUSED',
    suggestions: [`pi-aws plan ${environment}`],
  })
}
