import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {nextVersion, obstacles, releasedChangelog, renamed, sectionOf} from '../../scripts/release.ts'
import {root} from './project.ts'

const changelog = '# Changelog\n\nWords.\n\n## Unreleased\n\n### Added\n\n- One.\n\n## 0.1.0 (2026-01-02)\n\n- Zero.\n'
const read = (file: string) => readFileSync(join(root, file), 'utf8')

describe('a release', () => {
  it('has the version that was asked for, and never an older one', () => {
    for (const [current, asked, next] of [
      ['0.1.9', 'patch', '0.1.10'],
      ['0.1.9', 'minor', '0.2.0'],
      ['1.2.3', 'major', '2.0.0'],
      ['1.2.3', '1.3.0', '1.3.0'],
      ['1.2.3', '2.0.0', '2.0.0'],
    ] as const)
      assert.equal(nextVersion(current, asked), next)
    for (const asked of ['1.2.3', '1.2.2', '0.9.9', 'v2.0.0', '2.0', 'latest', ''])
      assert.throws(() => nextVersion('1.2.3', asked), RangeError, asked)
  })

  it('moves what is not released under its version, and leaves room for the next', () => {
    const after = releasedChangelog(changelog, '0.2.0', '2026-11-22')
    assert.equal(sectionOf(after, undefined), '')
    assert.equal(sectionOf(after, '0.2.0'), '### Added\n\n- One.')
    assert.equal(sectionOf(after, '0.1.0'), '- Zero.')
    assert.equal(sectionOf(after, '0.3.0'), '')
  })

  it('names its version in every file that names one, and touches no version of another package', () => {
    const {version} = JSON.parse(read('package.json')) as {version: string}
    for (const file of ['package.json', 'package-lock.json']) {
      const after = JSON.parse(renamed(file, read(file), version, '9.8.7')) as {
        version: string
        packages?: Record<string, {version: string}>
      }
      assert.equal(after.version, '9.8.7')
      const others = Object.entries(after.packages ?? {}).filter(([, one]) => one.version === '9.8.7')
      assert.deepEqual(
        others.map(([name]) => name),
        file === 'package.json' ? [] : [''],
      )
    }
    for (const file of [
      'examples/ci/github/deploy.yml',
      'examples/ci/gitlab/.gitlab-ci.yml',
      'examples/ci/Containerfile',
    ]) {
      assert.ok(read(file).includes(`pi-aws@${version}`), `${file} does not name ${version}`)
      assert.ok(!renamed(file, read(file), version, '9.8.7').includes(`pi-aws@${version}`), file)
    }
  })

  it('is kept back by changes, another branch, a tag that is there, and a changelog that says nothing', () => {
    const fine = {changes: '', branch: 'main', tags: 'v0.1.0\n', changelog, version: '0.2.0'}
    assert.deepEqual(obstacles(fine), [])
    for (const wrong of [
      {changes: ' M x'},
      {branch: 'other'},
      {branch: ''},
      {tags: 'v0.1.0\nv0.2.0'},
      {changelog: '# Changelog\n'},
    ])
      assert.equal(obstacles({...fine, ...wrong}).length, 1, JSON.stringify(wrong))
  })

  it('is dry: it says what it would write, and writes nothing', () => {
    const before = ['package.json', 'CHANGELOG.md'].map(read)
    const {stdout} = spawnSync(process.execPath, [join(root, 'scripts', 'release.ts'), 'minor'], {encoding: 'utf8'})
    assert.match(stdout, /^Dry run: [\d.]+ -> \d+\.\d+\.0\n/)
    assert.match(stdout, /would write CHANGELOG\.md\n[^]*git tag --sign v/)
    assert.deepEqual(['package.json', 'CHANGELOG.md'].map(read), before)
  })
})
