/** The JSON that scripts may rely on, as far as the end-to-end tests read it. */

export interface ErrorJson {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly suggestions: readonly string[]
    readonly exitCode: number
  }
}

export interface DeployJson {
  readonly environment: string
  readonly changed: boolean
  readonly opId: string
  readonly parts: readonly {
    readonly part: string
    readonly stack: string
    readonly stackId: string
    readonly status: string
  }[]
  readonly outputs: Readonly<Record<string, string>>
  readonly leftovers?: readonly {readonly type: string; readonly physicalId: string; readonly reason: string}[]
}

export interface DiagnoseJson {
  readonly healthy: boolean
  readonly findings: readonly {readonly what: string; readonly why: string; readonly evidence: readonly string[]}[]
}

export interface PreflightJson {
  readonly environment: string
  readonly ok: boolean
  readonly checks: readonly {
    readonly name: string
    readonly verdict: string
    readonly reason: string
    readonly next: readonly string[]
  }[]
}

export interface PlanJson {
  readonly environment: string
  readonly changed: boolean
  readonly parts: readonly {
    readonly part: string
    readonly stack: string
    readonly action: string
    readonly changes: readonly {
      readonly logicalId: string
      readonly type: string
      readonly action: string
      readonly replacement: string
      readonly gate?: string
    }[]
  }[]
}

export interface StatusJson {
  readonly environment: string
  readonly healthy: boolean
  readonly problems: readonly string[]
  readonly parts: readonly {
    readonly part: string
    readonly stack: string
    readonly status: string
    readonly protection?: {readonly stackPolicy: boolean; readonly terminationProtection: boolean}
  }[]
  readonly services: readonly {readonly name: string; readonly running: number; readonly desired: number}[]
  readonly generations: {readonly database: number; readonly files: number}
  readonly unfinished: readonly {readonly opId: string; readonly state: string}[]
}

export interface DestroyJson {
  readonly environment: string
  readonly opId: string
  readonly removed: readonly string[]
  readonly kept: readonly string[]
}
