import {ok, skip, warn} from '../../../domain/checks.ts'
import {checkConcurrency} from '../../../domain/preflight/concurrency.ts'
import {linkedRolesOf} from '../../../domain/preflight/linked-roles.ts'
import {type CheckRow, isToBeMade, isWanted} from '../context.ts'

/** Made where the operator agrees, by flag or by answer; otherwise only told. */
export const linkedRoles: CheckRow = {
  name: 'service-linked-roles',
  what: 'the services have their roles in the account',
  async run({ports, options}) {
    const {configuration, environment, createLinkedRoles} = options
    if (options.embedded && !createLinkedRoles) return skip('services of the embedded AWS need none')
    const there = await ports.permissions.linkedRoles()
    const wanted = linkedRolesOf(configuration)
    const missing = wanted.filter(({role}) => !there.includes(role))
    if (missing.length === 0) return ok(`all ${wanted.length} are there`)
    const list = missing.map(({role}) => role).join(', ')
    if (!createLinkedRoles) {
      return warn(
        `${list} missing; AWS makes them at first use, and a first use may fail for want of them`,
        `pi-aws preflight ${environment} --create-service-linked-roles`,
      )
    }
    for (const {service} of missing) await ports.permissions.createLinkedRole(service)
    return ok(`made ${list}`)
  },
}

export const concurrency: CheckRow = {
  name: 'lambda-concurrency',
  what: 'the side-load function can run beside what runs already',
  async run({ports, options}) {
    return checkConcurrency(await ports.accountFacts.concurrency(), options.configuration.region)
  },
}

/** What the backup plan selects by tag; a type that is opted out it passes over in silence. */
const saved = ['EFS', 'RDS'] as const

export const backupOptIn: CheckRow = {
  name: 'backup-services',
  what: 'AWS Backup may save file system and database in this region',
  async run({ports, options, landscape}) {
    if (!isWanted(options, 'operations') && isToBeMade(landscape, 'operations')) return skip('no backup plan is made')
    const optIn = await ports.accountFacts.backupOptIn()
    const out = saved.filter((type) => optIn[type] !== true)
    return out.length === 0
      ? ok(`${saved.join(' and ')} are opted in`)
      : warn(
          `AWS Backup is opted out of ${out.join(' and ')} here, and would pass over them in silence`,
          `aws backup update-region-settings --region ${options.configuration.region} --resource-type-opt-in-preference ${out.map((type) => `${type}=true`).join(',')}`,
        )
  },
}
