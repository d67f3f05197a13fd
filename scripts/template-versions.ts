// Keeps test/templates/versions.json: which content stands behind which version of each template.
//   node scripts/template-versions.ts            says what is not as recorded
//   node scripts/template-versions.ts --update   records it; refuses a new content under an old version
import {createHash} from 'node:crypto'
import {readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseTemplate} from '../src/domain/template.ts'

export interface TemplateVersion {
  readonly version: string
  readonly sha256: string
}
export type TemplateVersions = Readonly<Record<string, TemplateVersion>>

const root = resolve(import.meta.dirname, '..')
const file = join(root, 'test', 'templates', 'versions.json')

export const howToUpdate = 'Raise TemplateVersion in its Outputs, then: node scripts/template-versions.ts --update'

/** Version and hash of every template as it is now. */
export function presentVersions(): TemplateVersions {
  const folder = join(root, 'templates')
  const paths = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((path) => path.endsWith('.yaml'))
  return Object.fromEntries(
    paths.sort().map((path) => {
      const text = readFileSync(join(folder, path), 'utf8')
      const version = parseTemplate(text).Outputs['TemplateVersion']?.Value
      const sha256 = createHash('sha256').update(text).digest('hex')
      return [path.replaceAll('\\', '/').slice(0, -'.yaml'.length), {version: String(version), sha256}]
    }),
  )
}

/** Version and hash of every template as they were recorded last. */
export function recordedVersions(): TemplateVersions {
  return JSON.parse(readFileSync(file, 'utf8')) as TemplateVersions
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((one) => one.split('.').map(Number))
  const index = (a ?? []).findIndex((number, place) => number !== b?.[place])
  return index >= 0 && (a?.[index] ?? 0) > (b?.[index] ?? 0)
}

/** Templates whose content changed under the version that was recorded for another content, or under an older one. */
export function unraised(present: TemplateVersions, recorded: TemplateVersions): readonly string[] {
  return Object.entries(present).flatMap(([id, now]) => {
    const then = recorded[id]
    return then === undefined || then.sha256 === now.sha256 || isNewer(now.version, then.version) ? [] : [id]
  })
}

/** Templates that are new, gone or changed since the record was written. */
export function unrecorded(present: TemplateVersions, recorded: TemplateVersions): readonly string[] {
  const ids = [...new Set([...Object.keys(present), ...Object.keys(recorded)])].sort()
  return ids.filter(
    (id) => present[id]?.sha256 !== recorded[id]?.sha256 || present[id]?.version !== recorded[id]?.version,
  )
}

function main(): void {
  const present = presentVersions()
  let recorded: TemplateVersions = {}
  try {
    recorded = recordedVersions()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const stale = unraised(present, recorded)
  if (stale.length > 0) {
    console.error(`Changed without a new version: ${stale.join(', ')}. ${howToUpdate}`)
    process.exitCode = 1
  } else if (process.argv.includes('--update')) {
    writeFileSync(file, `${JSON.stringify(present, undefined, 2)}\n`)
  } else if (unrecorded(present, recorded).length > 0) {
    console.error(`Not recorded: ${unrecorded(present, recorded).join(', ')}. ${howToUpdate}`)
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
