// A release, dry unless told otherwise. `node scripts/release.ts patch|minor|major|X.Y.Z` says what would be done,
// `--write` does it to the files; tagging and pushing stay with a person, publishing with .github/workflows/release.yml.
// `node scripts/release.ts notes` prints the changelog of the version that stands.
import {spawnSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'

const steps = ['major', 'minor', 'patch'] as const
const unreleased = '## Unreleased\n'

/** Files that name the version, besides what is generated. */
const named = [
  'package.json',
  'package-lock.json',
  join('examples', 'ci', 'github', 'deploy.yml'),
  join('examples', 'ci', 'gitlab', '.gitlab-ci.yml'),
  join('examples', 'ci', 'Containerfile'),
]

/**
 * The version that a word asks for: one of the steps, or a version that is newer than the current one.
 * @throws RangeError for any other word
 */
export function nextVersion(current: string, asked: string): string {
  const numbers = current.split('.').map(Number)
  const step = steps.findIndex((name) => name === asked)
  if (step !== -1) return numbers.map((number, at) => (at < step ? number : at === step ? number + 1 : 0)).join('.')
  const wanted = /^\d+\.\d+\.\d+$/.test(asked) ? asked.split('.').map(Number) : []
  const first = wanted.findIndex((number, at) => number !== numbers[at])
  if (first === -1 || (wanted[first] ?? 0) < (numbers[first] ?? 0)) {
    throw new RangeError(`"${asked}" is none of ${steps.join(', ')}, and no version behind ${current}`)
  }
  return asked
}

/** What the changelog says of a version, or of what is not released yet. */
export function sectionOf(changelog: string, version: string | undefined): string {
  const parts = changelog.split(/^(?=## )/m)
  const found = parts.find((part) =>
    version === undefined ? part.startsWith(unreleased) : part.startsWith(`## ${version} (`),
  )
  return (found ?? '').split('\n').slice(1).join('\n').trim()
}

/** The changelog with what was not released under its version, and room for the next above it. */
export function releasedChangelog(changelog: string, version: string, day: string): string {
  return changelog.replace(unreleased, `${unreleased}\n## ${version} (${day})\n`)
}

/** A file that names the version, with the next one in its place. */
export function renamed(file: string, text: string, from: string, to: string): string {
  if (file === 'package.json' || file === 'package-lock.json') {
    // In the lock the first two are ours: those of the file and of its root package.
    let left = file === 'package.json' ? 1 : 2
    return text.replaceAll(`"version": "${from}"`, (found) => (left-- > 0 ? `"version": "${to}"` : found))
  }
  return text.replaceAll(`pi-aws@${from}`, `pi-aws@${to}`)
}

/** What keeps a release from being made here and now. */
export function obstacles(state: {
  readonly changes: string
  readonly branch: string
  readonly tags: string
  readonly changelog: string
  readonly version: string
}): readonly string[] {
  return [
    ...(state.changes === '' ? [] : ['there are changes that are not committed']),
    ...(state.branch === 'main' ? [] : [`this is ${state.branch || 'no branch'} and not main`]),
    ...(state.tags.split('\n').includes(`v${state.version}`) ? [`the tag v${state.version} is there already`] : []),
    ...(sectionOf(state.changelog, undefined) === '' ? ['CHANGELOG.md says nothing of what is not released'] : []),
  ]
}

function git(root: string, ...args: string[]): string {
  return spawnSync('git', args, {cwd: root, encoding: 'utf8'}).stdout.trim()
}

function main(root: string, words: readonly string[]): number {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const {version: current} = JSON.parse(read('package.json')) as {version: string}
  const changelog = read('CHANGELOG.md')
  const asked = words.find((word) => !word.startsWith('--')) ?? 'patch'
  if (asked === 'notes') {
    const notes = sectionOf(changelog, current)
    console.log(notes)
    return notes === '' ? 1 : 0
  }
  const version = nextVersion(current, asked)
  const state = {
    changes: git(root, 'status', '--porcelain'),
    branch: git(root, 'branch', '--show-current'),
    tags: git(root, 'tag', '--list'),
  }
  const found = obstacles({...state, changelog, version})
  const writing = words.includes('--write')
  console.log(`${writing ? '' : 'Dry run: '}${current} -> ${version}\n\n${sectionOf(changelog, undefined)}\n`)
  for (const obstacle of found) console.error(`obstacle: ${obstacle}`)
  if (writing && found.length > 0) return 1
  const day = new Date().toISOString().slice(0, 10)
  const texts = new Map([
    ['CHANGELOG.md', releasedChangelog(changelog, version, day)],
    ...named.map((file) => [file, renamed(file, read(file), current, version)] as const),
  ])
  for (const [file, text] of texts) {
    if (text === read(file)) console.error(`obstacle: ${file} does not name ${current}`)
    else if (writing) writeFileSync(join(root, file), text)
    console.log(`${writing ? 'wrote' : 'would write'} ${file}`)
  }
  const commands = [
    'npm run generate',
    'npm test -- --ci',
    `git commit --all --message "Release ${version}"`,
    `git tag --sign v${version} --message "pi-aws ${version}"`,
    `git push origin main v${version}`,
  ]
  console.log(`\nThen, by hand; the tag has the workflow publish with provenance:\n  ${commands.join('\n  ')}`)
  return found.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = main(resolve(import.meta.dirname, '..'), process.argv.slice(2))
