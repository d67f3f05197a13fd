import {Flags} from '@oclif/core'
import {UsageError} from '../domain/errors.ts'
import {parseEnvironmentName, parseRegion} from '../domain/names.ts'
import {isPart, parts} from '../domain/parts.ts'

/** A time limit in ms, read from `90s`, `30m`, `2h`. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})(s|m|h)$/.exec(text)
  if (match === null) {
    throw new UsageError(`Invalid duration: "${text}" is not a number with s, m or h behind it.`, {
      code: 'INVALID_DURATION',
      suggestions: ['Durations that work: 90s, 30m, 2h'],
    })
  }
  const unit = {s: 1000, m: 60_000, h: 3_600_000}[match[2] as 's' | 'm' | 'h']
  return Number(match[1]) * unit
}

/** The URL of an endpoint, as it was written. @throws UsageError INVALID_ENDPOINT_URL */
export function parseEndpointUrl(text: string): string {
  const {protocol = '', host = ''} = URL.parse(text) ?? {}
  if (/^https?:$/.test(protocol) && host !== '') return text
  throw new UsageError(`Invalid endpoint: "${text}" is not the URL of an HTTP server.`, {
    code: 'INVALID_ENDPOINT_URL',
    suggestions: ['URLs that work: http://127.0.0.1:4566, https://aws.example.com'],
  })
}

/** How the result comes out: on every command. */
export const outputFlags = {
  output: Flags.string({
    description: 'How the result is printed; ndjson adds the events of long work, one a line',
    options: ['text', 'json', 'ndjson'],
    default: 'text',
    env: 'PI_AWS_OUTPUT',
    helpGroup: 'GLOBAL',
  }),
  json: Flags.boolean({description: 'Same as --output json', env: 'PI_AWS_JSON', helpGroup: 'GLOBAL'}),
  verbose: Flags.boolean({
    char: 'v',
    description: 'Tell every event and every AWS call with its request id',
    env: 'PI_AWS_VERBOSE',
    helpGroup: 'GLOBAL',
  }),
}

/** Where AWS is: on every command that talks to it. */
export const awsFlags = {
  local: Flags.boolean({
    description: 'Work on the embedded AWS of this machine',
    env: 'PI_AWS_LOCAL',
    helpGroup: 'AWS',
  }),
  config: Flags.string({
    description: 'Configuration file [default: pi-aws.yaml; with --local, where there is none, the example]',
    env: 'PI_AWS_CONFIG',
    helpGroup: 'AWS',
  }),
  region: Flags.string({
    description: 'Region that must be the one of the environment',
    env: 'PI_AWS_REGION',
    helpGroup: 'AWS',
    parse: async (text) => parseRegion(text),
  }),
  profile: Flags.string({description: 'Profile of the AWS configuration', env: 'PI_AWS_PROFILE', helpGroup: 'AWS'}),
  'role-arn': Flags.string({description: 'Role to assume for all calls', env: 'PI_AWS_ROLE_ARN', helpGroup: 'AWS'}),
  'endpoint-url': Flags.string({
    description: 'Send all calls to this URL',
    env: 'PI_AWS_ENDPOINT_URL',
    helpGroup: 'AWS',
    parse: async (text) => parseEndpointUrl(text),
  }),
}

/** On every command that changes something and may take long. */
export const changeFlags = {
  yes: Flags.boolean({char: 'y', description: 'Answer yes to confirmations', env: 'PI_AWS_YES', helpGroup: 'CHANGE'}),
  timeout: Flags.custom<number>({
    description: 'Stop waiting after this time (90s, 30m, 2h); the work goes on, exit code 8',
    env: 'PI_AWS_TIMEOUT',
    helpGroup: 'CHANGE',
    parse: async (text) => parseDuration(text),
  })(),
  'cfn-role-arn': Flags.string({
    description: 'Role that CloudFormation assumes for what it makes',
    env: 'PI_AWS_CFN_ROLE_ARN',
    helpGroup: 'CHANGE',
  }),
}

/** On changes that AWS goes on with by itself from some point on; which ones, and why no others, src/domain/no-wait.ts tells. */
export const noWaitFlag = Flags.boolean({
  description: 'Return once AWS goes on by itself, exit code 8; ops wait does the rest',
  env: 'PI_AWS_NO_WAIT',
})

/** On commands that remove or replace data. */
export const confirmFlag = Flags.string({
  description: "The environment's name, instead of typing it",
  env: 'PI_AWS_CONFIRM',
  helpValue: 'ENVIRONMENT',
})

/** On commands whose answer may be a no that a script wants to see. */
export const exitCodeFlag = Flags.boolean({description: 'End with 3 when something differs', env: 'PI_AWS_EXIT_CODE'})

/** `--environment`, for commands whose first argument is something else. */
export const environmentFlag = Flags.custom({
  char: 'e',
  description: 'Environment; may be left out where the configuration has only one',
  env: 'PI_AWS_ENVIRONMENT',
  helpGroup: 'AWS',
  parse: async (text: string) => parseEnvironmentName(text),
})

export const partFlag = Flags.custom({
  // Greedy, it would take the environment behind it for a part.
  multipleNonGreedy: true,
  description: `Only this part (may be repeated): ${parts.join(', ')}`,
  env: 'PI_AWS_PART',
  parse: async (text: string) => {
    if (isPart(text)) return text
    throw new UsageError(`Unknown part: "${text}".`, {
      code: 'UNKNOWN_PART',
      suggestions: [`Parts: ${parts.join(', ')}`],
    })
  },
})

/** On commands that write pi-aws.yaml. */
export const configDryRunFlag = Flags.boolean({
  description: 'Only say what would be written',
  env: 'PI_AWS_CONFIG_DRY_RUN',
})
