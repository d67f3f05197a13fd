import {presets} from '../presets.ts'
import {backedUp, databaseSafe, encrypted, fate, filesSafe, recordsKept} from './data.ts'
import {aclBound, groupsByReference, natPerZone, noPublicTasks, privateRange} from './network.ts'
import type {Rule} from './rule.ts'
import {deploymentsReturn, instancesLeave, oneScheduler, quietMeansZero, scalingScales} from './running.ts'
import {described, identified, noExports, noNames, partitions, sizes, wellFormed} from './shape.ts'
import {alarmsHeard, dashboardReads, insightsOn, leastPrivilege, logsEnd, noPlainSecrets, tlsOnly, twoRoles} from './tasks.ts'
import {wiring} from './wiring.ts'

export const rules: readonly Rule[] = [
  aclBound,
  alarmsHeard,
  backedUp,
  dashboardReads,
  databaseSafe,
  deploymentsReturn,
  described,
  encrypted,
  fate,
  filesSafe,
  groupsByReference,
  identified,
  insightsOn,
  instancesLeave,
  leastPrivilege,
  logsEnd,
  natPerZone,
  noExports,
  noNames,
  noPlainSecrets,
  noPublicTasks,
  oneScheduler,
  partitions,
  privateRange,
  quietMeansZero,
  recordsKept,
  scalingScales(presets),
  sizes,
  tlsOnly,
  twoRoles,
  wellFormed,
  wiring,
]
