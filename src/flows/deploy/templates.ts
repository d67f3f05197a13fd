import {sha256OfTree} from '../../domain/content.ts'
import {RefusedError} from '../../domain/errors.ts'
import {type Part, parts} from '../../domain/parts.ts'
import {parseTemplate, type Template} from '../../domain/template.ts'
import type {PackageFiles} from '../ports.ts'

/** CloudFormation's limits of a template's size (bytes): inline, and by URL (quota page "CloudFormation quotas"). */
export const inlineLimit = 51_200
const objectLimit = 1_048_576

/** The templates of this version of pi-aws. */
export interface TemplateSet {
  /** Path below templates/ -> text. */
  readonly files: ReadonlyMap<string, string>
  readonly models: Readonly<Record<Part, Template>>
  /** Of the whole set; part of the key under which it is uploaded. */
  readonly hash: string
  text(part: Part): string
}

const parsed = new Map<string, Template>()
/** More texts than any version has templates. */
const mostParsed = 200

/** A template, read once: several checks look at all of them. */
function parsedOnce(text: string): Template {
  const known = parsed.get(text)
  if (known !== undefined) return known
  if (parsed.size >= mostParsed) parsed.clear()
  const template = parseTemplate(text)
  parsed.set(text, template)
  return template
}

/** Every template of a set, nested ones included, under its path without the ending. */
export function parsedTemplates(files: ReadonlyMap<string, string>): ReadonlyMap<string, Template> {
  return new Map([...files].map(([name, text]) => [name.replace(/\.yaml$/, ''), parsedOnce(text)] as const))
}

function mustHave(files: ReadonlyMap<string, string>, part: Part): string {
  const text = files.get(`${part}.yaml`)
  if (text === undefined) {
    throw new RefusedError(`Template of ${part} missing: the package is incomplete.`, {
      code: 'PACKAGE_INCOMPLETE',
      suggestions: ['Install pi-aws again'],
    })
  }
  return text
}

/** @throws RefusedError TEMPLATE_TOO_LARGE, PACKAGE_INCOMPLETE */
export async function loadTemplates(packageFiles: PackageFiles): Promise<TemplateSet> {
  const files = await packageFiles.templates()
  for (const [name, text] of files) {
    const size = Buffer.byteLength(text)
    const limit = name === 'foundation.yaml' ? inlineLimit : objectLimit
    if (size > limit) {
      throw new RefusedError(`Template ${name} too large: ${size} bytes, CloudFormation takes ${limit}.`, {
        code: 'TEMPLATE_TOO_LARGE',
      })
    }
  }
  const models = Object.fromEntries(parts.map((part) => [part, parsedOnce(mustHave(files, part))])) as Record<
    Part,
    Template
  >
  return {files, models, hash: sha256OfTree(files), text: (part) => mustHave(files, part)}
}

/** The version that a template declares in its TemplateVersion output. */
export function versionOf(template: Template): string {
  const value = template.Outputs['TemplateVersion']?.Value
  return typeof value === 'string' ? value : '0.0.0'
}
