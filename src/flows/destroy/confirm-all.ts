import {requireName} from '../confirm.ts'
import type {Ask} from '../ports.ts'
import type {DestroyOptions} from './options.ts'

/** Has the environment's name typed for the stacks, and once more for the data. */
export async function confirmAll(options: DestroyOptions, ask: Ask): Promise<void> {
  const {environment} = options
  if (!options.confirmed) {
    await requireName(ask, environment, options.confirm, {
      flag: '--confirm',
      question: `This takes ${environment} down; its data stay.`,
    })
  }
  if (options.withData) {
    await requireName(ask, environment, options.confirmData, {
      flag: '--confirm-data',
      question: `This also deletes all data of ${environment}: files, snapshots, assets, ledger. It cannot be taken back.`,
    })
  }
}
