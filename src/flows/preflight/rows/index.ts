import type {CheckRow} from '../context.ts'
import {backupOptIn, concurrency, linkedRoles} from './account.ts'
import {containerEnvironment, listener, parameters, partsBeforeOthers, version} from './configuration.ts'
import {account, clock} from './identity.ts'
import {licence} from './licence.ts'
import {certificate, delegation, hostedZone, names} from './naming.ts'
import {addressRange, existingNetwork, wayOut, zones} from './network.ts'
import {permissions} from './permissions.ts'
import {quotas} from './quotas.ts'
import {registry} from './registry.ts'

/** Whether a configuration fits to account and region: what `plan` asks too. */
export const fittingRows: readonly CheckRow[] = [
  account,
  version,
  partsBeforeOthers,
  listener,
  parameters,
  containerEnvironment,
  wayOut,
  zones,
  addressRange,
  existingNetwork,
  names,
  certificate,
  hostedZone,
]

/** Everything that is asked before a deploy begins. */
export const allRows: readonly CheckRow[] = [
  ...fittingRows,
  delegation,
  clock,
  permissions,
  quotas,
  linkedRoles,
  concurrency,
  backupOptIn,
  licence,
  registry,
]
