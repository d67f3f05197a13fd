import assert from 'node:assert/strict'
import {at, listOf, loadTemplates, textOf, type JsonMap} from './load.ts'
import {presets} from './presets.ts'

const templates = loadTemplates().filter((template) => !template.id.includes('/'))

function refusal(parameter: JsonMap, value: string): string | undefined {
  const allowed = listOf(parameter['AllowedValues']).map(textOf)
  if (allowed.length > 0 && !allowed.includes(value)) return `not one of ${allowed.join(', ')}`
  const pattern = textOf(parameter['AllowedPattern'])
  if (pattern !== '' && !new RegExp(`^(?:${pattern})$`).test(value)) return `does not match ${pattern}`
  if (parameter['Type'] !== 'Number') return undefined
  const [low, high] = [Number(parameter['MinValue'] ?? value), Number(parameter['MaxValue'] ?? value)]
  return Number(value) >= low && Number(value) <= high ? undefined : `not between ${low} and ${high}`
}

/** GiB of memory that Fargate takes with a number of CPU units: least, most. */
const memoryOf: Readonly<Record<string, readonly [number, number]>> = {
  256: [0.5, 2],
  512: [1, 4],
  1024: [2, 8],
  2048: [4, 16],
  4096: [8, 30],
  8192: [16, 60],
}

describe('presets', () => {
  /** What the app part gets for a parameter: the preset's value, else the template's default. */
  const valueIn = (values: Readonly<Record<string, string>>) => (parameter: string) =>
    values[parameter] ?? textOf(at(templates.find((one) => one.id === 'app')?.parameters[parameter], 'Default'))

  for (const [name, values] of Object.entries(presets)) {
    const valueOf = valueIn(values)

    it(`${name} names parameters of templates and values that they take`, () => {
      assert.ok(Object.keys(values).length > 0, 'it is empty')
      const wrong = Object.entries(values).flatMap(([parameter, value]) => {
        const declared = templates.map((template) => template.parameters[parameter]).filter((one) => one !== undefined)
        if (declared.length === 0) return [`${parameter} is no parameter`]
        return declared.map((one) => refusal(one, value)).filter((one) => one !== undefined)
      })
      assert.deepEqual(wrong, [])
    })

    it(`${name} gives each service memory that Fargate sells with its CPU`, () => {
      for (const service of ['Dashboard', 'Renderer', 'Scheduler', 'Pirana', 'Adminer']) {
        const gib = Number(valueOf(`${service}Memory`)) / 1024
        const [least, most] = memoryOf[valueOf(`${service}Cpu`)] ?? [Infinity, 0]
        assert.ok(gib >= least && gib <= most, `${service}: ${gib} GiB`)
      }
      const heap = Number(valueOf('DashboardMaxMemory'))
      assert.ok(heap <= Number(valueOf('DashboardMemory')) * 0.8, 'Tomcat would take what the container needs beside it')
    })
  }

  it('small fits into the 6 vCPU of a new account, scaled out and in the middle of a release', () => {
    const small = valueIn(presets['small'] ?? {})
    const units = (service: string, tasks: number) => Number(small(`${service}Cpu`)) * tasks
    const most = (service: string) => Number(small(`${service}Max`)) * (small(`${service}Overlap`) === 'false' ? 1 : 2)
    const scaling = ['Dashboard', 'Renderer', 'Pirana'].map((service) => units(service, most(service)))
    const all = [...scaling, units('Scheduler', 1)].reduce((sum, one) => sum + one, 0)
    assert.ok(all <= 6 * 1024, `${all / 1024} vCPU`)
  })
})
