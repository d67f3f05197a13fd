import {fail, ok, skip} from '../../../domain/checks.ts'
import {idleVariables} from '../../../domain/container-environment.ts'
import {parameterProblems} from '../../../domain/parameter-rules.ts'
import {configuredParameters} from '../../../domain/parameters.ts'
import {type Part, parts, partsBefore} from '../../../domain/parts.ts'
import {parseTemplate, type Template} from '../../../domain/template.ts'
import {compareVersions} from '../../../domain/version.ts'
import {versionOf} from '../../deploy/templates.ts'
import {type Landscape, stackOf} from '../../landscape.ts'
import {type CheckRow, isToBeMade} from '../context.ts'

/** A stack that a newer pi-aws made is not touched by this one. */
export const version: CheckRow = {
  name: 'version',
  what: 'no part was made by a newer pi-aws',
  run({landscape, templates}) {
    const newer = parts.filter((part) => isNewer(part, landscape, templates.models[part]))
    if (newer.length === 0) return ok('no part was made by a newer pi-aws')
    const details = newer.map((part) => `${part} ${stackOf(landscape, part)?.outputs['TemplateVersion'] ?? ''}`)
    return fail(
      `a newer pi-aws made this environment (${details.join(', ')})`,
      'Update pi-aws: npm install --global pi-aws@latest',
    )
  },
}

function isNewer(part: Part, landscape: Landscape, template: Template): boolean {
  const deployed = stackOf(landscape, part)?.outputs['TemplateVersion']
  return deployed !== undefined && compareVersions(deployed, versionOf(template)) > 0
}

/** With `--part`, the parts before those wanted must stand; the foundation is always made. */
export const partsBeforeOthers: CheckRow = {
  name: 'parts',
  what: 'the parts before those wanted stand',
  run({options, landscape}) {
    const {parts: wanted, environment} = options
    if (wanted.length === 0) return skip('every part is wanted')
    const needed = parts.filter((part) => wanted.some((one) => partsBefore(one).includes(part)))
    const missing = needed.filter(
      (part) => part !== 'foundation' && !wanted.includes(part) && isToBeMade(landscape, part),
    )
    if (missing.length === 0) return ok('they stand')
    const flags = [...missing, ...wanted].map((part) => `--part ${part}`).join(' ')
    return fail(`${missing.join(', ')} must stand before ${wanted.join(', ')}`, `pi-aws deploy ${environment} ${flags}`)
  },
}

/** TLS is the rule; plain HTTP only where it was asked for. */
export const listener: CheckRow = {
  name: 'listener',
  what: 'the load balancer can listen: with a certificate, or in plain HTTP where that was asked for',
  run({options: {configuration}}) {
    const {domain} = configuration
    if (domain.httpOnly === true) {
      return domain.certificate === undefined
        ? ok('plain HTTP, as asked')
        : fail('domain.httpOnly and domain.certificate exclude each other', 'Remove one of them')
    }
    if (domain.host === undefined) {
      return fail(
        'domain.host is missing: without a name there is no certificate',
        'Set domain.host and domain.hostedZone (or domain.certificate), or domain.httpOnly: true for a trial',
      )
    }
    if (domain.certificate === undefined && domain.hostedZone === undefined) {
      return fail(
        'neither domain.certificate nor domain.hostedZone is set: a certificate can be neither used nor validated',
        'Set one of them',
      )
    }
    return ok(`https://${domain.host}`)
  },
}

/** Values that a template would refuse are refused here, all at once and before any call. */
export const parameters: CheckRow = {
  name: 'parameters',
  what: 'the templates take every value of the configuration',
  run({options, templates}) {
    const {configuration, environment} = options
    const values = configuredParameters(environment, configuration)
    const problems = parameterProblems(Object.values(templates.models), values, Object.keys(configuration.parameters))
    return problems.length === 0
      ? ok('the templates take every value')
      : fail(
          problems.map(({name, message}) => `${name}: ${message}`).join('; '),
          'Correct the values in pi-aws.yaml; templates/README.md explains each',
        )
  },
}

/** A variable that the template sets itself would be passed over in silence. */
export const containerEnvironment: CheckRow = {
  name: 'container-environment',
  what: 'every variable for containers takes effect',
  run({options, templates}) {
    const text = templates.files.get('app/service.yaml')
    const idle = text === undefined ? [] : idleVariables(options.configuration, parseTemplate(text))
    return idle.length === 0
      ? ok('every variable takes effect')
      : fail(
          `pi-aws sets ${idle.map(({service, name}) => `${name} of ${service}`).join(', ')} itself`,
          'Remove it from services.*.environment; the other keys of pi-aws.yaml decide its value',
        )
  },
}
