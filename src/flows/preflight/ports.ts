import type {KnownConcurrency} from '../../domain/preflight/concurrency.ts'
import type {KnownRouteTable, KnownSubnet, KnownVpc} from '../../domain/preflight/existing-network.ts'

/** One question to the policy simulation. */
export interface SimulationRequest {
  /** ARN of the caller: a user, a role or the session of a role. */
  readonly principal: string
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  /** Values of condition keys, such as `aws:RequestedRegion`. */
  readonly context: Readonly<Record<string, string>>
  /** What counts where a condition asks for something that the simulation is not told; a denial unless said otherwise. */
  readonly undecided?: 'allowed' | 'denied'
}

/** IAM. */
export interface Permissions {
  /**
   * The actions that the principal may not perform, in the order given.
   * @throws AccessError when the simulation itself is denied; NotFoundError PRINCIPAL_NOT_FOUND
   */
  denied(request: SimulationRequest): Promise<readonly string[]>
  /** Names of the service-linked roles of the account. */
  linkedRoles(): Promise<readonly string[]>
  /** Makes the role of a service; one that is there already is fine. */
  createLinkedRole(service: string): Promise<void>
}

/** The networks of others, by EC2. */
export interface ExistingNetworks {
  vpc(id: string): Promise<KnownVpc | undefined>
  /** Those of the ids that exist. */
  subnets(ids: readonly string[]): Promise<readonly KnownSubnet[]>
  routeTables(vpcId: string): Promise<readonly KnownRouteTable[]>
  /** Ranges that peering connections of this account and region lead to, with the VPC that has them. */
  peerRanges(): Promise<readonly {readonly vpcId: string; readonly name: string; readonly cidr: string}[]>
}

/** Limits that services tell about the account. */
export interface AccountFacts {
  /** Lambda. */
  concurrency(): Promise<KnownConcurrency>
  /** AWS Backup: resource type -> whether the region's plans may save it. */
  backupOptIn(): Promise<Readonly<Record<string, boolean>>>
  /** Time of AWS, as STS's answer bears it. */
  serverTime(): Promise<Date>
}

/** DNS as the world sees it. */
export interface Names {
  /** Name servers of a domain; empty where nobody serves it. */
  nameServers(domain: string): Promise<readonly string[]>
}

/** What a registry said of an image. */
export type ImageAnswer =
  | {
      readonly found: true
      /** `sha256:...`; absent where the registry does not tell. */
      readonly digest?: string
    }
  | {readonly found: false; readonly why: 'denied' | 'missing'; readonly status: number}

export interface ImageRequest {
  /** Registry and path, as `images.registry` has it. */
  readonly registry: string
  readonly repository: string
  readonly tag: string
  readonly credentials?: {readonly username: string; readonly password: string}
}

/** Container registries, by their HTTP API. */
export interface ImageRegistry {
  /**
   * Asks for the manifest of an image, as a container agent does before it pulls.
   * @throws FailedError REGISTRY_UNREACHABLE, REGISTRY_ANSWER
   */
  manifest(request: ImageRequest): Promise<ImageAnswer>
}
