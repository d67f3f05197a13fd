import {FailedError} from './errors.ts'
import type {ServiceName} from './configuration.ts'

/** Secrets of an environment that can be changed while it runs. */
export const rotatable = ['database', 'licence', 'registry'] as const
export type RotatableSecret = (typeof rotatable)[number]

export interface RotationRow {
  /** Output that names the secret. */
  readonly output: string
  /** Services whose tasks read it when they start. */
  readonly services: readonly ServiceName[]
  /** Whether the new value is made here; otherwise a person brings it. */
  readonly made: boolean
  /** What it means for users and operators, in a sentence. */
  readonly effect: string
}

export const rotations: Readonly<Record<RotatableSecret, RotationRow>> = {
  database: {
    output: 'DatabaseSecretArn',
    services: ['dashboard', 'scheduler'],
    made: true,
    effect:
      'From the change in the database until their new tasks run, dashboard and scheduler cannot open new connections to it: a minute or two',
  },
  licence: {
    output: 'LicenceSecretArn',
    services: ['dashboard'],
    made: false,
    effect: 'The dashboard is replaced: users get a 503 page until the new one answers',
  },
  registry: {
    output: 'RegistrySecretArn',
    services: [],
    made: false,
    effect: 'Nothing restarts: tasks that start from now on pull with it',
  },
}

/**
 * The same secret of the database's user with another password.
 * @throws FailedError SECRET_UNREADABLE, without a word of what it holds
 */
export function withPassword(secret: string, password: string): string {
  let held: unknown
  try {
    held = JSON.parse(secret)
  } catch {
    held = undefined
  }
  if (typeof held !== 'object' || held === null || typeof (held as {username?: unknown}).username !== 'string') {
    throw new FailedError('The secret of the database user does not have the form that its stack gave it.', {
      code: 'SECRET_UNREADABLE',
      suggestions: ['Look at its versions in Secrets Manager'],
    })
  }
  return JSON.stringify({...held, password})
}
