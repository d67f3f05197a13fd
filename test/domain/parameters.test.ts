import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  boundedCount,
  chooseParameters,
  configuredParameters,
  effectiveParameters,
  type ParameterValues,
  piranaHostOf,
  stickyParameters,
} from '../../src/domain/parameters.ts'
import {parts} from '../../src/domain/parts.ts'
import {presetNames, presets} from '../../src/domain/presets.ts'
import type {Template, TemplateParameter} from '../../src/domain/template.ts'
import {demo, environmentOf, packageTemplates, refusal} from './samples.ts'

const templates = packageTemplates()
const roots = parts.map((part) => templates.get(part)!)

function templateOf(parameters: Record<string, Partial<TemplateParameter>>): Template {
  const declared = Object.entries(parameters).map(([name, one]) => [name, {Type: 'String', ...one}] as const)
  return {Parameters: Object.fromEntries(declared), Mappings: {}, Conditions: {}, Resources: {}, Outputs: {}}
}

/** Why a template would refuse a value; undefined when it takes it. */
function complaint(
  {AllowedPattern, AllowedValues, MinValue, MaxValue, MaxLength}: TemplateParameter,
  value: string,
): string | undefined {
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
    return `pattern ${AllowedPattern}`
  if (AllowedValues !== undefined && !AllowedValues.map(String).includes(value))
    return `values ${AllowedValues.join(', ')}`
  if (MinValue !== undefined && Number(value) < MinValue) return `at least ${MinValue}`
  if (MaxValue !== undefined && Number(value) > MaxValue) return `at most ${MaxValue}`
  return MaxLength !== undefined && value.length > MaxLength ? `at most ${MaxLength} characters` : undefined
}

/** Everything that may be configured, at once. */
const full = {
  account: '123456789012',
  preset: 'large',
  compute: 'ec2',
  network: {cidr: '10.9.0.0/20', zones: 3, nat: 'per-zone', clients: '203.0.113.0/24'},
  domain: {
    host: 'bi.example.com',
    hostedZone: 'Z1',
    certificate: 'arn:aws:acm:eu-west-1:123456789012:certificate/0a',
    httpOnly: false,
  },
  images: {registry: 'ghcr.io/pi-cr', tag: '2026_10'},
  services: {
    dashboard: {cpu: 2048, memory: 8192, min: 2, max: 2},
    renderer: {cpu: 1024, memory: 2048, min: 1, max: 9},
    scheduler: {cpu: 512, memory: 1024},
    pirana: {min: 0, max: 3},
    adminer: {enabled: true, cpu: 256, memory: 512},
  },
  database: {class: 'db.r6g.large', storage: 30, maxStorage: 33, multiAz: true, backupDays: 35},
  files: {uid: 0, gid: 4_294_967_294, throughput: 'bursting'},
  backup: {schedule: 'cron(0 3 * * ? *)', keepDays: 3650},
  waf: true,
  logDays: 731,
  notify: 'ops@example.com',
  roles: {permissionsBoundary: 'arn:aws:iam::123456789012:policy/b', path: '/team/'},
}
const existing = {
  network: {
    existing: {
      vpc: 'vpc-0a',
      cidr: '10.0.0.0/16',
      publicSubnets: ['subnet-1', 'subnet-2'],
      applicationSubnets: ['subnet-3', 'subnet-4'],
      dataSubnets: ['subnet-5', 'subnet-6'],
    },
  },
}

describe('configured parameters', () => {
  const samples: readonly (readonly [string, object])[] = [
    ['everything', full],
    ['an existing VPC', existing],
    ['nothing', {}],
    ...presetNames.map((preset): [string, object] => [`the preset ${preset}`, {preset}]),
  ]
  for (const [name, values] of samples) {
    it(`of ${name} are all declared by a template, and taken by each that declares them`, () => {
      const configured = configuredParameters(demo, environmentOf(values))
      const faults = Object.entries(configured).flatMap(([parameter, value]) => {
        const declarations = roots.flatMap((template) => template.Parameters[parameter] ?? [])
        if (declarations.length === 0) return [`${parameter} is declared nowhere`]
        return declarations
          .flatMap((declaration) => complaint(declaration, value) ?? [])
          .map((why) => `${parameter}=${value}: ${why}`)
      })
      assert.deepEqual(faults, [])
    })
  }

  it('of nothing are the name, the compute, and what the preset says', () => {
    const configured = configuredParameters(demo, environmentOf())
    const expected = {
      ...presets.small,
      EnvironmentName: 'demo',
      Compute: 'fargate',
      RendererStartCount: presets.small['RendererMin'],
    }
    assert.partialDeepStrictEqual(configured, expected)
  })

  it('go before the preset', () => {
    const preset = presets.large['InstanceClass']
    assert.equal(configuredParameters(demo, environmentOf({preset: 'large'}))['InstanceClass'], preset)
    assert.equal(
      configuredParameters(demo, environmentOf({preset: 'large', database: {class: 'db.t4g.small'}}))['InstanceClass'],
      'db.t4g.small',
    )
  })

  for (const [cidr, tier, subnet] of [
    ['10.9.0.0/16', '14', '12'],
    ['10.9.0.0/20', '10', '8'],
    ['10.9.0.0/22', '8', '6'],
  ] as const) {
    it(`cut ${cidr} into tiers of ${tier} and subnets of ${subnet} host bits`, () => {
      const configured = configuredParameters(demo, environmentOf({network: {cidr}}))
      assert.deepEqual([configured['TierHostBits'], configured['SubnetHostBits']], [tier, subnet])
    })
  }

  it('give Tomcat three quarters of the dashboard', () => {
    assert.equal(
      configuredParameters(demo, environmentOf({services: {dashboard: {cpu: 1024, memory: 8192}}}))[
        'DashboardMaxMemory'
      ],
      '6144',
    )
  })

  it('start a service with its fewest tasks, but never with none', () => {
    const configured = configuredParameters(
      demo,
      environmentOf({services: {dashboard: {min: 2, max: 2}, pirana: {min: 0, max: 2}}}),
    )
    assert.deepEqual([configured['DashboardStartCount'], configured['PiranaStartCount']], ['2', undefined])
  })

  it('name pirana after the dashboard unless it has a name', () => {
    const host = {host: 'bi.example.com'}
    assert.equal(configuredParameters(demo, environmentOf({domain: host}))['PiranaHost'], 'bi-pirana.example.com')
    assert.equal(
      configuredParameters(demo, environmentOf({domain: {...host, piranaHost: 'p.example.com'}}))['PiranaHost'],
      'p.example.com',
    )
    assert.equal(configuredParameters(demo, environmentOf())['PiranaHost'], undefined)
    assert.equal(piranaHostOf('a.b.c'), 'a-pirana.b.c')
  })
})

describe('the count of a service that runs', () => {
  const cases = [
    ['is left between the bounds', 3, {RendererMin: '1', RendererMax: '4'}, 3],
    ['is raised to the fewest', 1, {RendererMin: '2', RendererMax: '4'}, 2],
    ['is left above the most, where somebody scaled', 6, {RendererMin: '1', RendererMax: '4'}, 6],
    ['is exactly the bound where nothing scales', 3, {RendererMin: '2', RendererMax: '2'}, 2],
    ['is left where nothing is configured', 3, {}, 3],
    ['is left where zero is allowed', 1, {RendererMin: '0', RendererMax: '0'}, 1],
  ] as const
  for (const [what, count, values, expected] of cases) {
    it(what, () => assert.equal(boundedCount('renderer', count, values), expected))
  }
})

describe('presets', () => {
  it('differ', () =>
    assert.equal(new Set(presetNames.map((name) => JSON.stringify(presets[name]))).size, presetNames.length))

  for (const name of presetNames) {
    const effective = (parameter: string): number => {
      const declared = roots.flatMap((template) => template.Parameters[parameter] ?? [])[0]
      return Number(presets[name][parameter] ?? declared?.Default)
    }
    it(`${name} fit together with the templates' defaults`, () => {
      for (const service of ['Dashboard', 'Renderer', 'Pirana']) {
        assert(effective(`${service}Min`) <= effective(`${service}Max`), service)
      }
      assert(effective('DashboardMaxMemory') <= effective('DashboardMemory') * 0.75)
      assert(effective('MaxAllocatedStorage') >= effective('AllocatedStorage') * 1.1)
    })
    it(`${name} use sizes that the configuration takes too`, () => {
      for (const service of ['dashboard', 'renderer', 'scheduler', 'pirana', 'adminer']) {
        const prefix = service.slice(0, 1).toUpperCase() + service.slice(1)
        environmentOf({services: {[service]: {cpu: effective(`${prefix}Cpu`), memory: effective(`${prefix}Memory`)}}})
      }
    })
  }
})

describe('the choice of parameters', () => {
  const sources = {overrides: {}, current: undefined, outputs: {}, configured: {}}
  const sticky = stickyParameters[0]!

  it('takes override, sticky value, output, configuration and default in this order', () => {
    const template = templateOf({[sticky]: {Default: 'default'}})
    const everything = {
      overrides: {[sticky]: 'o'},
      current: {[sticky]: 'now'},
      outputs: {[sticky]: 'out'},
      configured: {[sticky]: 'c'},
    }
    assert.deepEqual(chooseParameters(template, everything), {[sticky]: {value: 'o'}})
    assert.deepEqual(chooseParameters(template, {...everything, overrides: {}}), {[sticky]: {previous: true}})
    assert.deepEqual(chooseParameters(template, {...everything, overrides: {}, current: {}}), {
      [sticky]: {value: 'out'},
    })
    assert.deepEqual(chooseParameters(template, {...everything, overrides: {}, current: undefined, outputs: {}}), {
      [sticky]: {value: 'c'},
    })
    assert.deepEqual(chooseParameters(template, sources), {})
  })

  it('lets what is not sticky follow the configuration', () => {
    const template = templateOf({Free: {Default: 'default'}})
    assert.deepEqual(chooseParameters(template, {...sources, current: {Free: 'now'}, configured: {Free: 'c'}}), {
      Free: {value: 'c'},
    })
    assert.deepEqual(chooseParameters(template, {...sources, current: {Free: 'now'}}), {})
  })

  it('takes an empty text for a value', () => {
    assert.deepEqual(chooseParameters(templateOf({A: {Default: 'x'}}), {...sources, overrides: {A: ''}}), {
      A: {value: ''},
    })
  })

  it('names every parameter that nothing sets', () => {
    assert.throws(
      () => chooseParameters(templateOf({A: {}, B: {}, C: {Default: 0}}), sources),
      refusal('UNWIRED_PARAMETER', /A, B have no default/),
    )
  })

  it('never sets what the template does not declare', () => {
    const values = fc.dictionary(fc.constantFrom('A', 'B', 'Z', sticky), fc.string())
    fc.assert(
      fc.property(values, values, values, values, (overrides, current, outputs, configured) => {
        const template = templateOf({A: {Default: ''}, [sticky]: {Default: ''}})
        const choices = chooseParameters(template, {overrides, current, outputs, configured})
        for (const name of Object.keys(choices)) assert(name in template.Parameters)
      }),
    )
  })

  it('stands for the values that CloudFormation will see', () => {
    const template = templateOf({A: {Default: 'a'}, B: {Default: 2}, C: {}, D: {Default: 'd'}})
    const choices = {A: {value: 'x'}, C: {previous: true}, D: {previous: true}} as const
    assert.deepEqual(effectiveParameters(template, choices, {C: 'now'}), {A: 'x', B: '2', C: 'now', D: 'd'})
    assert.deepEqual(effectiveParameters(template, choices, undefined), {A: 'x', B: '2', C: '', D: 'd'})
  })

  it('keeps an environment where it is: a second deploy with the same configuration changes no sticky value', () => {
    const configured = configuredParameters(demo, environmentOf(full))
    for (const template of roots) {
      const current: ParameterValues = Object.fromEntries(
        Object.keys(template.Parameters).map((name) => [name, `current ${name}`]),
      )
      const outputs = Object.fromEntries(Object.keys(template.Parameters).map((name) => [name, 'output']))
      const choices = chooseParameters(template, {overrides: {}, current, outputs, configured})
      for (const name of stickyParameters.filter((each) => each in template.Parameters))
        assert.deepEqual(choices[name], {previous: true}, name)
    }
  })

  it('knows every sticky parameter from a template', () => {
    const declared = new Set(roots.flatMap((template) => Object.keys(template.Parameters)))
    // The counts of services that have none are made from the same list.
    assert.deepEqual(
      stickyParameters.filter((name) => !declared.has(name)),
      [],
    )
  })
})
