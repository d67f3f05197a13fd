import {fail, ok, warn} from '../../../domain/checks.ts'
import {neededActions, type Needing} from '../../../domain/permissions/needs.ts'
import {laterActions} from '../../../domain/permissions/own-actions.ts'
import {passedTo, type PolicyPlace, scopeOf} from '../../../domain/permissions/policy.ts'
import {parsedTemplates} from '../../deploy/templates.ts'
import {type CheckRow, isWanted, type PreflightContext} from '../context.ts'

/** Denied actions that are listed by name. */
const shown = 10

/** Who acts: the caller for what pi-aws asks, CloudFormation's role, where there is one, for what stacks are made of. */
interface Actor {
  readonly principal: string
  readonly actions: ReadonlyMap<string, Needing>
}

function actorsOf({options, caller, templates}: PreflightContext): readonly Actor[] {
  const byPrincipal = new Map<string, Map<string, Needing>>()
  // What a part needs weighs more than what pi-aws alone asks for.
  const needs = [...neededActions(parsedTemplates(templates.files))].toSorted(([who]) => (who === 'pi-aws' ? 1 : -1))
  for (const [who, actions] of needs) {
    if (who !== 'pi-aws' && who !== 'foundation' && !isWanted(options, who)) continue
    const principal = who === 'pi-aws' ? caller.arn : (options.cloudFormationRoleArn ?? caller.arn)
    const known = byPrincipal.get(principal) ?? new Map<string, Needing>()
    for (const action of actions) {
      if (!known.has(action) && scopeOf(action).beyondSimulation === undefined) known.set(action, who)
    }
    byPrincipal.set(principal, known)
  }
  return [...byPrincipal].map(([principal, actions]) => ({principal, actions}))
}

/** Actions whose resources are the same are asked together. */
async function deniedOf(
  {ports, options, caller}: PreflightContext,
  {principal, actions}: Actor,
): Promise<readonly string[]> {
  const place: PolicyPlace = {
    partition: caller.partition,
    region: caller.region,
    account: caller.account,
    environment: options.environment,
    rolePath: options.configuration.roles.path ?? '/',
  }
  const groups = Map.groupBy(actions.keys(), (action) => scopeOf(action))
  const context = {'aws:RequestedRegion': caller.region, 'iam:PassedToService': passedTo[0] ?? ''}
  const answers = await Promise.all(
    [...groups].map(([scope, group]) =>
      // The simulation takes ARNs without patterns: one name that would be ours stands for all.
      ports.permissions.denied({
        principal,
        actions: group,
        resources: scope
          .resources(place)
          .slice(0, 1)
          .map((arn) => (arn === '*' ? arn : arn.replaceAll('*', 'x'))),
        context,
      }),
    ),
  )
  return answers.flat()
}

/** Every action that a deploy of these parts takes, asked of IAM's policy simulation. */
export const permissions: CheckRow = {
  name: 'permissions',
  what: 'the caller may do what pi-aws and its stacks do',
  async run(context) {
    const actors = actorsOf(context)
    const denied = await Promise.all(
      actors.map(async (actor) =>
        (await deniedOf(context, actor)).map((action) => ({action, who: actor.actions.get(action) ?? 'pi-aws'})),
      ),
    )
    const all = denied.flat()
    const asked = actors.reduce((sum, {actions}) => sum + actions.size, 0)
    if (all.length === 0) return ok(`${asked} actions are allowed`)
    const now = all.filter(({action, who}) => who !== 'pi-aws' || !laterActions.includes(action))
    const names = (now.length > 0 ? now : all).map(({action, who}) => `${action} (${who})`)
    const text = `${context.caller.arn} may not perform ${names.slice(0, shown).join(', ')}${names.length > shown ? ` and ${names.length - shown} more` : ''}`
    const next = `pi-aws policy print ${context.options.environment}`
    return now.length > 0 ? fail(text, next) : warn(`${text}: a deploy goes without, other commands do not`, next)
  },
}
