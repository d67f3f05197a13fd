import type {Landscape} from '../landscape.ts'
import type {CallerIdentity} from '../ports.ts'
import type {DeployOptions} from './options.ts'
import type {Surroundings} from './targets.ts'
import type {TemplateSet} from './templates.ts'

/** What preflight looks at. */
export interface PreflightInput {
  readonly options: DeployOptions
  readonly caller: CallerIdentity
  readonly templates: TemplateSet
  readonly landscape: Landscape
  readonly surroundings: Surroundings
}
