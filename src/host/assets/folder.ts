import {realpath, stat} from 'node:fs/promises'
import {resolve} from 'node:path'
import {NotFoundError, UsageError} from '../../domain/errors.ts'
import type {AssetFolder} from '../../flows/assets/ports.ts'
import {openLarge, readWhole} from './read.ts'
import {systemReason} from './stamps.ts'
import {walk} from './walk.ts'
import {makeAssetDirectory, writeAsset} from './write.ts'

/** Folders of this machine. */
export const assetFolder: AssetFolder = {
  async resolve(folder) {
    try {
      const real = await realpath(resolve(folder))
      if ((await stat(real)).isDirectory()) return real
    } catch (error) {
      throw new NotFoundError(`There is no folder ${JSON.stringify(folder)}: ${systemReason(error)}.`, {
        code: 'FOLDER_NOT_FOUND',
        cause: error,
      })
    }
    throw new UsageError(`${JSON.stringify(folder)} is no folder.`, {
      code: 'NOT_A_FOLDER',
      suggestions: ['Give the folder that holds the categories'],
    })
  },
  walk,
  read: readWhole,
  open: openLarge,
  write: writeAsset,
  makeDirectory: makeAssetDirectory,
}
