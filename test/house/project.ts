import {join} from 'node:path'
import {filesUnder, root} from '../../scripts/bootstrap.js'

export {root}

/** Folders of files that are wrong on purpose, one for each tool. */
export const fixtures = join(root, 'test/house/fixtures')

/** Every TypeScript file that ships, relative to the project. */
export function shippedFiles(): string[] {
  return filesUnder(['src', 'lambda', 'sigv4']).filter((file) => file.endsWith('.ts'))
}
