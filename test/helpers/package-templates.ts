import {globSync, readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'

const folder = resolve(import.meta.dirname, '../../templates')

/** The templates of the package as the files port gives them: path below templates/ -> text. */
export function packageTexts(): Map<string, string> {
  return new Map(globSync('**/*.yaml', {cwd: folder}).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}
