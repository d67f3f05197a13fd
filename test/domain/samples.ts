import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {globSync} from 'node:fs'
import path from 'node:path'
import {configurationSchema, type EnvironmentConfiguration} from '../../src/domain/configuration.ts'
import type {PiError} from '../../src/domain/errors.ts'
import {type EnvironmentName, parseEnvironmentName} from '../../src/domain/names.ts'
import {parseTemplate, type Template} from '../../src/domain/template.ts'

export const demo: EnvironmentName = parseEnvironmentName('demo')

/** An environment with the schema's defaults and what is given. */
export function environmentOf(values: object = {}): EnvironmentConfiguration {
  const read = configurationSchema.parse({version: 1, environments: {demo: {region: 'eu-west-1', ...values}}})
  const found = read.environments['demo']
  assert(found !== undefined)
  return found
}

/** What the schema says against an environment: `path: message`, nothing when it takes it. */
export function faultsOf(values: object): readonly string[] {
  const read = configurationSchema.safeParse({version: 1, environments: {demo: {region: 'eu-west-1', ...values}}})
  return (read.error?.issues ?? []).map((issue) => `${issue.path.slice(2).join('.')}: ${issue.message}`)
}

/** Checks class code and message of an error at once. */
export function refusal(code: string, message?: RegExp): (error: PiError) => true {
  return (error) => {
    assert.equal(error.code, code)
    if (message !== undefined) assert.match(error.message, message)
    return true
  }
}

const folder = path.resolve(import.meta.dirname, '../../templates')

/** The templates of the package: path without ending -> template. */
export function packageTemplates(): ReadonlyMap<string, Template> {
  const names = globSync('**/*.yaml', {cwd: folder})
  assert(names.length > 10, `only ${names.length} templates were found`)
  return new Map(
    names.map((name) => [name.replace(/\.yaml$/, ''), parseTemplate(readFileSync(path.join(folder, name), 'utf8'))]),
  )
}
