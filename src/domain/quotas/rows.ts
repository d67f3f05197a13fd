import {closest} from 'fastest-levenshtein'
import {NotFoundError} from '../errors.ts'
import type {QuotaRow} from './model.ts'
import {computeRows} from './rows-compute.ts'
import {dataRows} from './rows-data.ts'
import {networkRows} from './rows-network.ts'

/** Every quota that an environment can meet. */
export const quotaRows: readonly QuotaRow[] = [...networkRows, ...computeRows, ...dataRows]

/** @throws NotFoundError UNKNOWN_QUOTA */
export function quotaCalled(key: string): QuotaRow {
  const found = quotaRows.find((row) => row.key === key)
  if (found !== undefined) return found
  const keys = quotaRows.map((row) => row.key)
  throw new NotFoundError(`Unknown quota: there is no "${key}".`, {
    code: 'UNKNOWN_QUOTA',
    suggestions: [`Did you mean ${closest(key, keys)}?`, 'pi-aws quotas list'],
  })
}
