import {AccessError} from '../domain/errors.ts'

interface Keys {
  readonly accessKeyId: string
  readonly accountId?: string
}

/**
 * Watches credentials that are renewed while a command runs: a profile that was changed meanwhile, or another login,
 * may belong to another account, and an operation must not end in an account other than the one it began in.
 */
export interface AccountGuard<C extends Keys> {
  /** Looks at credentials that were just got. @throws AccessError CREDENTIALS_OF_ANOTHER_ACCOUNT */
  admit(credentials: C): Promise<void>
}

/** @param accountOf asks AWS whose credentials these are; not asked while the first ones are never renewed */
export function accountGuard<C extends Keys>(accountOf: (credentials: C) => Promise<string>): AccountGuard<C> {
  let first: {readonly accessKeyId: string; readonly account: string | undefined; readonly credentials: C} | undefined
  const known = async (credentials: C): Promise<string> => credentials.accountId ?? accountOf(credentials)
  return {
    async admit(credentials) {
      if (first === undefined) {
        first = {accessKeyId: credentials.accessKeyId, account: credentials.accountId, credentials}
        return
      }
      if (credentials.accessKeyId === first.accessKeyId) return
      // Those before are renewed minutes before they end, so that AWS still knows them.
      const began = first.account ?? (await known(first.credentials))
      const now = await known(credentials)
      if (now !== began) {
        throw new AccessError(`The AWS credentials changed while this ran: from account ${began} to ${now}.`, {
          code: 'CREDENTIALS_OF_ANOTHER_ACCOUNT',
          suggestions: [`Log in to account ${began} again, then run the same command again`],
        })
      }
      first = {accessKeyId: credentials.accessKeyId, account: began, credentials}
    },
  }
}
