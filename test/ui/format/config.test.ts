import assert from 'node:assert/strict'
import {environmentOf} from '../../domain/samples.ts'
import {
  formatConfigMigrate,
  formatConfigSet,
  formatConfigShow,
  formatConfigValidate,
} from '../../../src/ui/format/config.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'

const layout = () => loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24})

describe('the pages of config', () => {
  it('show an environment as YAML, each value with who says it, equal lines told apart', async () => {
    const configuration = environmentOf({services: {renderer: {min: 1, max: 4}, pirana: {min: 1, max: 4}}})
    const page = formatConfigShow(
      {
        path: 'pi-aws.yaml',
        environment: 'demo',
        configuration,
        origins: {region: 'environment', 'services.pirana.min': 'defaults', compute: 'built-in'},
      },
      await layout(),
    )
    assert.match(page, /^# demo of pi-aws\.yaml\ndemo:\n {2}region: eu-west-1\n/)
    assert.match(page, /compute: fargate # built-in\n/)
    assert.match(page, /renderer:\n {6}min: 1\n[^]*pirana:\n {6}min: 1 # defaults\n/)
  })

  it('validate with one line for each fault, and lead on when there is none', async () => {
    const base = {path: 'pi-aws.yaml', version: 1, environments: ['demo']}
    assert.equal(
      formatConfigValidate({...base, ok: true, faults: []}, await layout()),
      'pi-aws.yaml in order, 1 environment: demo\n\nNext steps\n  • pi-aws preflight demo\n',
    )
    assert.match(
      formatConfigValidate({...base, ok: false, faults: [{environment: 'demo', message: 'no'}]}, await layout()),
      /not in order[^]*• demo: no\n/,
    )
    assert.match(
      formatConfigValidate({...base, environments: [], ok: true, faults: []}, await layout()),
      /0 environments: none\n[^]*pi-aws init/,
    )
  })

  it('say what was and what is', async () => {
    const base = {path: 'pi-aws.yaml', key: 'environments.prod.preset'}
    assert.equal(
      formatConfigSet({...base, changed: true, was: 'small', is: 'large'}, await layout()),
      'pi-aws.yaml written\n\nKey  environments.prod.preset\nWas  small\nIs   large\n\nNext steps\n  • pi-aws plan prod\n',
    )
    assert.match(formatConfigSet({...base, changed: false, was: 'a', is: 'a'}, await layout()), /as it was\n/)
    assert.match(formatConfigSet({...base, changed: false, was: 'a'}, await layout()), /not written\n[^]*Is +not set/)
    assert.match(
      formatConfigSet({...base, key: 'defaults.logDays', changed: true, is: 3}, await layout()),
      /Was +not set[^]*config validate/,
    )
  })

  it('say what a migration did', async () => {
    const base = {path: 'pi-aws.yaml', from: 0, to: 1}
    assert.equal(
      formatConfigMigrate({...base, from: 1, changed: false, notes: []}, await layout()),
      'pi-aws.yaml has the present format, version 1\n',
    )
    assert.match(
      formatConfigMigrate({...base, changed: true, notes: ['one']}, await layout()),
      /version 0 to 1, written\n\n {2}• one\n\nNext steps/,
    )
    assert.match(formatConfigMigrate({...base, changed: false, notes: ['one']}, await layout()), /not written\n/)
  })
})
