import {parseConfiguration} from '../../domain/configuration-text.ts'
import type {Answers} from '../../domain/init/answers.ts'
import {answersOf, commandFor} from '../../domain/init/answers.ts'
import {draftOf, fileWith} from '../../domain/init/check.ts'
import {effectOf} from '../../domain/init/effect.ts'
import {rangesOf} from '../../domain/init/questions.ts'
import {parseEnvironmentName} from '../../domain/names.ts'
import {parseTemplate, type Template} from '../../domain/template.ts'
import type {ConfigurationFiles} from '../config/ports.ts'
import type {PackageFiles} from '../ports.ts'
import {askAll, type Complete} from './ask.ts'
import {Lookups} from './lookups.ts'
import type {SecretStanding} from './secrets.ts'
import type {Draft, Drafts, ImageTags, Surrounding, Wizard} from './ports.ts'

export interface InitPorts {
  readonly configurationFiles: ConfigurationFiles
  readonly drafts: Drafts
  readonly packageFiles: PackageFiles
  readonly imageTags: ImageTags
  readonly connect: (region: string) => Promise<Surrounding>
  /** Undefined where nobody can be asked. */
  readonly wizard: Wizard | undefined
}

export interface InitOptions {
  readonly path: string
  /** Answers of flags, variables and the argument. */
  readonly given: Answers
  /** Region of the operator's own AWS settings, which is proposed. */
  readonly usualRegion: string | undefined
  readonly dryRun: boolean
  /** Flags that the command line needs to find file and AWS again, such as `--local`. */
  readonly placeFlags: string
}

/** What scripts get from `init --json`. */
export interface InitResult {
  readonly path: string
  readonly environment: string
  readonly region: string
  /** Whether the file was written; false where it says all of it already, and with --dry-run. */
  readonly changed: boolean
  /** Whether the environment is new in the file. */
  readonly created: boolean
  /** In one line, what it makes and what it takes of quotas. */
  readonly effect: string
  /** Gives the same file without a question. */
  readonly command: string
  /** How the secrets stand that files were given for; absent where none was given. */
  readonly secrets?: readonly SecretStanding[]
}

/**
 * Leads through everything that a new environment needs, or that an existing one has, and writes pi-aws.yaml. What can
 * be found out is not asked. Answers of a run that was left are taken up again; secrets are never among them.
 * @throws UsageError for the file or a value; LockedError INIT_BUSY; RefusedError CONFIGURATION_UNWRITABLE; CancelledError
 */
export async function init(options: InitOptions, ports: InitPorts): Promise<InitResult> {
  const {path, given} = options
  const before = await ports.configurationFiles.read(path)
  // A file that cannot be understood is not written over, and no question is asked in vain.
  if (before !== undefined) parseConfiguration(path, before)
  const draft = await ports.drafts.begin(path)
  try {
    const left = await takenUp(draft, given, ports.wizard)
    const templates = templatesOf(ports.packageFiles)
    const answers = await questionsFor(options, ports, before, left, draft, templates)
    const result = await write(options, ports, before, answers, await templates())
    if (!options.dryRun) await draft.finish()
    return result
  } finally {
    await draft.release()
  }
}

type Templates = ReadonlyMap<string, Template>

/** The templates, read once and not before they are needed: the first question does not wait for them. */
function templatesOf(packageFiles: PackageFiles): () => Promise<Templates> {
  let read: Promise<Templates> | undefined
  return () =>
    (read ??= packageFiles
      .templates()
      .then((files) => new Map([...files].map(([name, text]) => [name.replace(/\.yaml$/, ''), parseTemplate(text)]))))
}

/** Answers of a run that was left, where the operator wants them. */
async function takenUp({left}: Draft, given: Answers, wizard: Wizard | undefined): Promise<Answers> {
  if (left === undefined || wizard === undefined) return {}
  const {environment = '?'} = left.answers
  if (given.environment !== undefined && given.environment !== environment) return {}
  const count = Object.keys(left.answers).length
  const again = await wizard.confirm(`Go on with ${environment}, ${count} answers of ${left.at}`, true)
  return again ? left.answers : {}
}

async function questionsFor(
  options: InitOptions,
  ports: InitPorts,
  before: string | undefined,
  left: Answers,
  draft: Draft,
  templates: () => Promise<Templates>,
): Promise<Complete> {
  const {wizard} = ports
  const defaults = async (): Promise<Answers> => ({'image-tag': defaultOf(await templates(), 'ImageTag')})
  const lookups = new Lookups(
    ports.connect,
    ports.imageTags,
    async () => defaultOf(await templates(), 'ImageRegistry'),
    options.usualRegion,
  )
  const usual: Answers = options.usualRegion === undefined ? {} : {region: options.usualRegion}
  let told = ''
  // What was answered before is not asked again, but may be said anew by a flag.
  let given = {...left, ...options.given}
  let known = usual
  return askAll({
    given: () => given,
    known: () => known,
    planned: (answers) => plannedRanges(options.path, before, answers),
    lookups,
    wizard,
    shown() {
      lookups.lookAhead()
      // Weighing an answer needs them; one that cannot be read is told then.
      templates().catch(() => undefined)
    },
    async answered(id, answers) {
      if (id === 'environment') {
        const there = standing(options.path, before, answers.environment ?? '')
        known = {...usual, ...(await defaults()), ...there}
        if (await isLeftAlone(there, left, options, wizard)) given = {...there, ...given}
      }
      if (wizard === undefined) return
      await draft.save(answers)
      const effect = id === 'environment' ? '' : effectSoFar(answers, await templates(), lookups)
      if (effect === '' || effect === told) return
      told = effect
      wizard.say(`So far: ${effect}`)
    },
  })
}

/** Whether an environment that the file has stays as it is: then only what is missing is asked. */
async function isLeftAlone(
  there: Answers,
  left: Answers,
  {given, path}: InitOptions,
  wizard: Wizard | undefined,
): Promise<boolean> {
  const isNew = Object.keys(there).length === 0
  const saysMore = Object.keys(given).some((id) => id !== 'environment' && id !== 'region')
  if (wizard === undefined || isNew || saysMore || Object.keys(left).length > 0) return false
  return !(await wizard.confirm(`${there.environment} is in ${path}: change its answers`, false))
}

/** What the file says of an environment already; nothing of a new one. */
function standing(path: string, text: string | undefined, environment: string): Answers {
  if (text === undefined) return {}
  const {environments} = parseConfiguration(path, text).configuration
  const found = Object.hasOwn(environments, environment) ? environments[environment] : undefined
  return found === undefined ? {} : answersOf(environment, found)
}

/** Address ranges of the other environments of the file: before the first of two is deployed, AWS knows of neither. */
function plannedRanges(path: string, text: string | undefined, {environment}: Answers): readonly string[] {
  if (text === undefined) return []
  const {environments} = parseConfiguration(path, text).configuration
  return rangesOf(Object.entries(environments).flatMap(([name, other]) => (name === environment ? [] : [other])))
}

function defaultOf(templates: Templates, parameter: string): string {
  return String(templates.get('app')?.Parameters[parameter]?.Default ?? '')
}

function effectSoFar(answers: Answers, templates: Templates, lookups: Lookups): string {
  const draft = draftOf(answers)
  if (draft === undefined) return ''
  const limits = lookups.limits(answers.region ?? '')
  return effectOf(parseEnvironmentName(answers.environment ?? 'x'), draft, templates, limits)
}

async function write(
  {path, dryRun, placeFlags}: InitOptions,
  ports: InitPorts,
  before: string | undefined,
  answers: Complete,
  templates: Templates,
): Promise<InitResult> {
  const environment = parseEnvironmentName(answers.environment)
  const edit = (text: string | undefined): string => {
    const after = fileWith(text, answers)
    parseConfiguration(path, after)
    return after
  }
  const {changed, text} = dryRun
    ? {changed: false, text: edit(before)}
    : await ports.configurationFiles.update(path, edit)
  const configuration = parseConfiguration(path, text).configuration.environments[environment]
  return {
    path,
    environment,
    region: answers.region,
    changed,
    created: Object.keys(standing(path, before, environment)).length === 0,
    effect: configuration === undefined ? '' : effectOf(environment, configuration, templates, {}),
    command: commandFor(answers, placeFlags),
  }
}
