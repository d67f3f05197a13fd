import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {parse} from 'yaml'

const root = resolve(import.meta.dirname, '../..')
export const examples = join(root, 'examples', 'ci')

/** One step of a pipeline that runs commands. */
export interface Script {
  readonly name: string
  readonly commands: string
  readonly env: Readonly<Record<string, string>>
  /** When it runs, where that is not always. */
  readonly condition: string
}

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly env?: Readonly<Record<string, string>>
}

interface Workflow {
  readonly jobs: Readonly<Record<string, {readonly steps: readonly Step[]}>>
}

export function exampleText(...path: readonly string[]): string {
  return readFileSync(join(examples, ...path), 'utf8')
}

/** The steps of a job of a GitHub workflow that run commands, its expressions replaced by values. */
export function githubSteps(job: string, values: Readonly<Record<string, string>>): readonly Script[] {
  const {jobs} = parse(exampleText('github', 'deploy.yml')) as Workflow
  const steps = jobs[job]?.steps ?? assert.fail(`there is no job ${job}`)
  return steps.flatMap(({name, run, env = {}, if: condition = ''}) =>
    run === undefined
      ? []
      : [
          {
            name: name ?? run,
            commands: filled(run, values),
            env: Object.fromEntries(Object.entries(env).map(([key, text]) => [key, filled(text, values)])),
            condition,
          },
        ],
  )
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$\{\{\s*([^}]+?)\s*\}\}/g,
    (_, name: string) => values[name] ?? assert.fail(`nothing for ${name}`),
  )
}

type Gitlab = Readonly<Record<string, {readonly script?: readonly string[]}>> & {
  readonly default: {readonly before_script: readonly string[]}
}

/** The commands of a job of GitLab: those before all jobs, and its own. */
export function gitlabScript(job: string): string {
  const file = parse(exampleText('gitlab', '.gitlab-ci.yml')) as Gitlab
  const own = file[job]?.script ?? assert.fail(`there is no job ${job}`)
  return [...file.default.before_script, ...own].join('\n')
}
