import {covers, liesIn, type Choice, type LookupName} from '../../domain/init/questions.ts'
import {type Answers, hasHost, newVpc, none, requested} from '../../domain/init/answers.ts'
import {piranaHostOf} from '../../domain/parameters.ts'
import {presets} from '../../domain/presets.ts'
import type {KnownLimits} from '../../domain/init/effect.ts'
import type {ImageTags, Nearby, Surrounding} from './ports.ts'

/** Where the list of regions is asked for, unless there is a usual one: each has all of them. */
const anywhere = 'us-east-1'

/** A list, or why there is none. */
export type Found<T> = {readonly list: readonly T[]} | {readonly refused: string}

async function kept<T>(work: Promise<readonly T[]>): Promise<Found<T>> {
  try {
    return {list: await work}
  } catch (error) {
    return {refused: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}
  }
}

/** Looks around while the operator still reads: each list is asked for once, as early as it can be. */
export class Lookups {
  readonly #connect: (region: string) => Promise<Surrounding>
  readonly #images: ImageTags
  readonly #registry: () => Promise<string>
  readonly #usual: string | undefined
  readonly #kept = new Map<string, Promise<Found<unknown>>>()
  readonly #connected = new Map<string, Promise<Surrounding>>()
  readonly #limits = new Map<string, KnownLimits>()

  /**
   * @param connect one way to AWS for each region: making one takes longer than many an answer
   * @param usual region of the operator's own settings, which most choose
   */
  constructor(
    connect: (region: string) => Promise<Surrounding>,
    images: ImageTags,
    registry: () => Promise<string>,
    usual: string | undefined,
  ) {
    this.#usual = usual
    this.#connect = (region) => {
      const made = this.#connected.get(region) ?? connect(region)
      this.#connected.set(region, made)
      return made
    }
    this.#images = images
    this.#registry = registry
  }

  /** Begins while the first question is read: with the regions, and with all of the region that most choose. */
  lookAhead(): void {
    void this.#found(this.#usual ?? anywhere, 'regions')
    if (this.#usual !== undefined) this.begin(this.#usual)
  }

  /** Begins with everything that hangs on the region alone. */
  begin(region: string): void {
    for (const name of ['account', 'vpcs', 'zones', 'hostedZones', 'certificates', 'imageTags', 'limits'])
      void this.#found(region, name)
  }

  /** Ranges that are taken in the region; none where nobody may tell. */
  async taken(region: string): Promise<readonly string[]> {
    const found = await this.#vpcs(region)
    return 'list' in found ? found.list.map(({cidr}) => cidr) : []
  }

  /** As far as they are known by now: no question waits for them, and the next one tells more. */
  limits(region: string): KnownLimits {
    return this.#limits.get(region) ?? {}
  }

  /** What the caller's account is, or the range of the VPC that was chosen: found out without a question. */
  async silent(name: LookupName, answers: Answers): Promise<string | undefined> {
    const region = answers.region ?? ''
    if (name === 'account') {
      const found = (await this.#found(region, 'account')) as Found<string>
      return 'list' in found ? found.list[0] : undefined
    }
    const found = await this.#vpcs(region)
    return 'list' in found ? found.list.find(({id}) => id === answers.vpc)?.cidr : undefined
  }

  /** What may be chosen for an answer. */
  async choices(name: LookupName, answers: Answers): Promise<Found<Choice>> {
    const region = answers.region ?? this.#usual ?? anywhere
    const found = await this.#found(region, name, answers.vpc)
    return 'refused' in found ? found : {list: this.#shown(name, found.list, answers)}
  }

  #shown(name: LookupName, list: readonly unknown[], answers: Answers): readonly Choice[] {
    switch (name) {
      case 'regions':
      case 'account':
      case 'imageTags':
        return (list as readonly string[]).map((value) => ({value, about: ''}))
      case 'zones':
        return zoneChoices(list as readonly string[])
      case 'vpcs':
        return [
          {value: newVpc, about: 'a VPC of its own'},
          ...(list as Awaited<ReturnType<Nearby['vpcs']>>).map(({id, name: title, cidr}) => ({
            value: id,
            about: `${title} ${cidr}`.trim(),
          })),
        ]
      case 'subnets':
        return (list as Awaited<ReturnType<Nearby['subnets']>>).map((subnet) => ({
          value: subnet.id,
          about: `${subnet.zone} ${subnet.cidr} ${subnet.public ? 'public ' : ''}${subnet.name}`.trim(),
        }))
      case 'hostedZones':
        return zonesOfHost(list as Awaited<ReturnType<Nearby['hostedZones']>>, answers)
      case 'certificates':
        return certificatesOfHost(list as Awaited<ReturnType<Nearby['certificates']>>, answers)
    }
  }

  async #vpcs(region: string): Promise<Found<Awaited<ReturnType<Nearby['vpcs']>>[number]>> {
    return (await this.#found(region, 'vpcs')) as Found<Awaited<ReturnType<Nearby['vpcs']>>[number]>
  }

  #found(region: string, name: string, vpc = ''): Promise<Found<unknown>> {
    // The account is the same everywhere.
    const key = `${name === 'account' ? '' : region} ${name} ${name === 'subnets' ? vpc : ''}`
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const asked = kept(this.#ask(region, name, vpc))
    this.#kept.set(key, asked)
    return asked
  }

  async #ask(region: string, name: string, vpc: string): Promise<readonly unknown[]> {
    if (name === 'imageTags') return this.#images.tags(await this.#registry(), 'server')
    const {identity, nearby, serviceQuotas} = await this.#connect(region)
    switch (name) {
      case 'account':
        return [(await identity.caller()).account]
      case 'limits':
        this.#limits.set(region, await limitsOf(serviceQuotas))
        return []
      case 'subnets':
        return nearby.subnets(vpc)
      default:
        return nearby[name as 'regions' | 'zones' | 'vpcs' | 'hostedZones' | 'certificates']()
    }
  }
}

function zoneChoices(zones: readonly string[]): readonly Choice[] {
  const most = Object.values(presets).some(({ZoneCount}) => ZoneCount === '3') && zones.length >= 3 ? ['2', '3'] : ['2']
  return most.map((count) => ({value: count, about: `the first ${count} of ${zones.join(', ')}`}))
}

/** Zones that can hold the name come first; the others would be refused later. */
function zonesOfHost(
  zones: readonly {readonly id: string; readonly domain: string}[],
  {host = ''}: Answers,
): readonly Choice[] {
  return [
    ...zones.filter(({domain}) => liesIn(host, domain)).map(({id, domain}) => ({value: id, about: domain})),
    {value: none, about: 'DNS is elsewhere: I bring a certificate, and point both names at the load balancer'},
  ]
}

function certificatesOfHost(
  certificates: readonly {readonly arn: string; readonly names: readonly string[]}[],
  answers: Answers,
): readonly Choice[] {
  const {host = ''} = answers
  const both = hasHost(answers) ? [host, piranaHostOf(host)] : []
  const fit = certificates.filter(({names}) => both.every((wanted) => names.some((name) => covers(name, wanted))))
  return [
    ...(answers['hosted-zone'] === none
      ? []
      : [{value: requested, about: 'a new one, validated through the hosted zone, renewed by AWS'}]),
    ...fit.map(({arn, names}) => ({value: arn, about: names.join(', ')})),
  ]
}

/** Of the quotas that are short most often, where the account has a value of its own. */
async function limitsOf(quotas: Surrounding['serviceQuotas']): Promise<KnownLimits> {
  const of = async (service: string, code: string): Promise<number | undefined> =>
    (await quotas.applied({service, global: false})).find((quota) => quota.code === code)?.value
  const [vcpu, addresses] = await Promise.all([of('fargate', 'L-3032A538'), of('ec2', 'L-0263D0A3')])
  return {vcpu, addresses}
}
