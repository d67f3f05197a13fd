import type {Answers} from '../../domain/init/answers.ts'
import type {Choice} from '../../domain/init/questions.ts'
import type {Identity} from '../ports.ts'
import type {ServiceQuotas} from '../quotas/ports.ts'

/** A VPC that is there. */
export interface NearbyVpc {
  readonly id: string
  readonly name: string
  readonly cidr: string
}

export interface NearbySubnet {
  readonly id: string
  readonly name: string
  readonly zone: string
  readonly cidr: string
  /** Whether machines in it get public addresses by themselves: a sign of a public subnet. */
  readonly public: boolean
}

/** What an account has that an environment may use. Each fails as AWS fails, and the wizard goes on without it. */
export interface Nearby {
  regions(): Promise<readonly string[]>
  zones(): Promise<readonly string[]>
  vpcs(): Promise<readonly NearbyVpc[]>
  subnets(vpcId: string): Promise<readonly NearbySubnet[]>
  /** Public ones. */
  hostedZones(): Promise<readonly {readonly id: string; readonly domain: string}[]>
  /** Issued ones of the region. */
  certificates(): Promise<readonly {readonly arn: string; readonly names: readonly string[]}[]>
}

/** AWS in one region. */
export interface Surrounding {
  readonly identity: Identity
  readonly nearby: Nearby
  readonly serviceQuotas: Pick<ServiceQuotas, 'applied'>
}

/** Tags of an image, newest first as far as their names tell. */
export interface ImageTags {
  tags(registry: string, repository: string): Promise<readonly string[]>
}

/** How one question is put to a person. */
export interface Put {
  readonly message: string
  /** One line of explanation, shown with it. */
  readonly why: string
  readonly proposed: string | undefined
  /** What is wrong with an answer, in words. */
  readonly problem: (text: string) => string | undefined
}

/** A person at a terminal who is led through questions. */
export interface Wizard {
  say(text: string): void
  text(question: Put): Promise<string>
  /** One of a few, or one of a list that may be searched; with `free` anything else may be typed. */
  choose(question: Put & {readonly choices: readonly Choice[]; readonly free: boolean}): Promise<string>
  /** Several of a list, in the order of the list. */
  several(question: Put & {readonly choices: readonly Choice[]}): Promise<readonly string[]>
  confirm(message: string, proposed: boolean): Promise<boolean>
  /** What is neither shown nor kept; the lines of a paste with `\n` between, empty where nothing was typed. */
  secret(question: Pick<Put, 'message' | 'why'>): Promise<string>
}

/** Answers that were given to an `init` that was left, one for each file. Nobody but their owner may read them. */
export interface Drafts {
  /** @throws LockedError INIT_BUSY when another `init` works on the file */
  begin(path: string): Promise<Draft>
}

export interface Draft {
  /** What was answered before, and when (ISO 8601 UTC). */
  readonly left: {readonly answers: Answers; readonly at: string} | undefined
  save(answers: Answers): Promise<void>
  /** Forgets the answers. */
  finish(): Promise<void>
  /** Lets others begin; the answers stay. */
  release(): Promise<void>
}
