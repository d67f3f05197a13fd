import {skip} from '../../../domain/checks.ts'
import type {CheckRow} from '../context.ts'

/** Whether what is about to be made fits into the quotas of the account. */
export const quotas: CheckRow = {
  name: 'quotas',
  what: 'what is made fits into the quotas of the account',
  run: () => skip('quotas are not looked at'),
}
