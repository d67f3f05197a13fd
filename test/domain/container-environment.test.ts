import assert from 'node:assert/strict'
import {idleVariables, variablesOf} from '../../src/domain/container-environment.ts'
import {parseTemplate, type Template} from '../../src/domain/template.ts'
import {environmentOf, packageTemplates} from './samples.ts'

const service = packageTemplates().get('app/service') as Template

describe('the variables of a container', () => {
  it('are found in our template through every condition, plain ones and secrets', () => {
    const names = variablesOf(service)
    for (const name of ['PI_DB_HOST', 'PI_PROXY_HOST', 'SCHEDULER_DASHBOARD_URL', 'PI_DB_PASSWORD', 'PI_LICENCE']) {
      assert.ok(names.has(name), name)
    }
    assert.ok(!names.has('themes'), 'a volume is not a variable')
  })

  it('have no effect when the template sets them, and take effect otherwise', () => {
    const configuration = environmentOf({
      services: {dashboard: {environment: {PI_DB_HOST: 'x', MINE: 'y'}}, pirana: {environment: {OTHER: 'z'}}},
    })
    assert.deepEqual(idleVariables(configuration, service), [{service: 'dashboard', name: 'PI_DB_HOST'}])
  })

  it('are none in a template without tasks', () => {
    assert.equal(variablesOf(parseTemplate('Resources: {A: {Type: X}}')).size, 0)
  })
})
