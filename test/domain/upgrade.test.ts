import assert from 'node:assert/strict'
import {parts} from '../../src/domain/parts.ts'
import {templateMoves, templateNotes} from '../../src/domain/template-notes.ts'
import {configuredTag, downtimeOf, imageMove, withTag} from '../../src/domain/upgrade.ts'
import {compareVersions} from '../../src/domain/version.ts'
import {parseTemplate} from '../../src/domain/template.ts'
import {packageTexts} from '../helpers/package-templates.ts'
import {demo, environmentOf} from './samples.ts'

describe('an upgrade', () => {
  it('changes the tag of a configuration and nothing else', () => {
    const configuration = environmentOf({images: {registry: 'r.example/pi'}})
    assert.deepEqual(withTag(configuration, '2026_11'), {
      ...configuration,
      images: {registry: 'r.example/pi', tag: '2026_11'},
    })
  })

  it('starts from the configured tag, else from the default of the template', () => {
    const app = parseTemplate('Parameters: {ImageTag: {Type: String, Default: "2026_01"}}\nResources: {}\n')
    const bare = parseTemplate('Parameters: {}\nResources: {}\n')
    assert.equal(configuredTag(demo, environmentOf({images: {tag: '2026_02'}}), app), '2026_02')
    assert.equal(configuredTag(demo, environmentOf({parameters: {ImageTag: '2026_03'}}), app), '2026_03')
    assert.equal(configuredTag(demo, environmentOf(), app), '2026_01')
    assert.equal(configuredTag(demo, environmentOf(), bare), '')
  })

  it('knows two images for the same by their digests alone', () => {
    const to = {reference: 'r/server:2', digest: 'sha256:a'}
    assert.equal(imageMove('server', {reference: 'r/server:1', digest: 'sha256:a'}, to).same, true)
    assert.equal(imageMove('server', {reference: 'r/server:1', digest: 'sha256:b'}, to).same, false)
    assert.equal(imageMove('server', {reference: 'r/server:2'}, {reference: 'r/server:2'}).same, false)
    assert.deepEqual(imageMove('server', undefined, to), {name: 'server', to, same: false})
  })

  it('says who is down', () => {
    assert.deepEqual(downtimeOf({DashboardOverlap: 'true', RendererOverlap: 'true', PiranaOverlap: 'true'}, false), [
      'scheduler: old tasks end before new ones start',
    ])
    const all = downtimeOf({RendererOverlap: 'true', PiranaOverlap: 'true'}, true)
    assert.equal(all.length, 2)
    assert.match(all[1] ?? '', /^dashboard, scheduler: .* 503 page until the new dashboard answers$/)
  })
})

describe('the changelog of the templates', () => {
  it('tells of each step between two versions, and of no other', () => {
    const notes = [
      {part: 'files', version: '1.0.1', note: 'one'},
      {part: 'files', version: '1.1.0', note: 'two'},
      {part: 'files', version: '1.2.0', note: 'three'},
      {part: 'app', version: '1.1.0', note: 'other'},
    ] as const
    const deployed = new Map([
      ['files', '1.0.1'],
      ['network', '1.0.0'],
    ] as const)
    const offered = new Map([
      ['files', '1.1.0'],
      ['network', '1.0.0'],
      ['app', '1.1.0'],
    ] as const)
    assert.deepEqual(templateMoves(deployed, offered, notes), [
      {part: 'files', from: '1.0.1', to: '1.1.0', notes: ['two']},
    ])
    assert.deepEqual(templateMoves(new Map([['files', '1.2.0']] as const), offered, notes), [
      {part: 'files', from: '1.2.0', to: '1.1.0', notes: []},
    ])
  })

  it('is in order and tells of nothing that is still to come', () => {
    const texts = packageTexts()
    for (const part of parts) {
      const own = templateNotes.filter((note) => note.part === part).map(({version}) => version)
      assert.deepEqual(own, own.toSorted(compareVersions))
      const present = String(parseTemplate(texts.get(`${part}.yaml`) ?? '').Outputs['TemplateVersion']?.Value)
      for (const version of own) assert.ok(compareVersions(version, present) <= 0, `${part} ${version}`)
    }
  })
})
