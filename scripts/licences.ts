import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Licences whose terms somebody has read: all of them let us ship what bears them, with its notice. */
export const shippable = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  '0BSD',
  'Unlicense',
  'Zlib',
  'Bitstream-Vera',
]

/** Those that tools of the project may have besides: they ship with nothing. */
export const usable = [...shippable, 'PSF-2.0', 'CC0-1.0', 'CC-BY-3.0', 'CC-BY-4.0', 'Python-2.0', 'MPL-2.0']

/** Those of packages that a user's machine downloads for the embedded AWS; nothing of them ships with us. */
export const downloadable = [...usable, 'MIT-0', 'LGPL-3.0-or-later', 'EPL-2.0']

/** Of packages that point to a text instead of naming their licence: what that text is. */
const readByHand: Readonly<Record<string, string>> = {'dejavu-fonts-ttf': 'Bitstream-Vera'}

/** What a package is licensed under, by its name and what it says of itself. */
export function licenceOf(name: string, said: string): string {
  return readByHand[name] ?? said
}

/** A package and what it is licensed under, as SPDX writes it. */
export interface Licensed {
  readonly name: string
  readonly licence: string
}

/** Whether an SPDX expression can be had under one of some licences, or under all that it joins. */
export function isAmong(licence: string, some: readonly string[]): boolean {
  const bare = licence.replaceAll(/[()]/g, '')
  if (bare.includes(' OR ')) return bare.split(' OR ').some((one) => isAmong(one, some))
  return bare.split(' AND ').every((one) => some.includes(one.trim()))
}

/** Every npm package of the lock. */
export function npmPackages(root: string): readonly Licensed[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, {readonly license?: string}>>
  }
  const licences = new Map(
    Object.entries(lock.packages)
      .filter(([path]) => path !== '')
      .map(([path, {license = 'unknown'}]) => {
        const name = path.slice(path.lastIndexOf('node_modules/') + 13)
        return [name, licenceOf(name, license)]
      }),
  )
  return [...licences].map(([name, licence]) => ({name, licence}))
}

/** Every Python package that the embedded AWS is locked to. */
export function pythonPackages(root: string): readonly Licensed[] {
  const known = JSON.parse(readFileSync(join(root, 'local-aws', 'licences.json'), 'utf8')) as Record<string, string>
  const requirements = readFileSync(join(root, 'local-aws', 'requirements.txt'), 'utf8')
  const names = [...requirements.matchAll(/^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==/gm)].map(([, name = '']) =>
    name.toLowerCase(),
  )
  return [...new Set(names)].map((name) => ({name, licence: known[name] ?? 'unknown'}))
}

/** A table with a row for each licence. */
export function licenceTable(packages: readonly Licensed[]): string {
  const rows = [...Map.groupBy(packages, ({licence}) => licence)].toSorted(
    ([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1),
  )
  const lines = rows.map(([licence, some]) => {
    const names = some.map(({name}) => name).toSorted()
    return `| ${licence} | ${names.length} | ${names.join(', ')} |\n`
  })
  return `| Licence | Packages | Names |\n| --- | --- | --- |\n${lines.join('')}`
}
