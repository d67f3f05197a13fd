import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import {generatedFiles} from '../../scripts/generate.ts'
import {readConfiguration} from '../../src/cli/config-file.ts'
import {datasheet} from '../../src/flows/datasheet.ts'
import {packageFiles} from '../../src/host/package-files.ts'
import {errorToJson} from '../../src/ui/format/error.ts'
import {UsageError} from '../../src/domain/errors.ts'
import {parseEnvironmentName} from '../../src/domain/names.ts'
import {root, surface} from './command-line.ts'

type Schema = Parameters<typeof z.fromJSONSchema>[0]

describe('generated files', function () {
  // The schemas of results come from the TypeScript compiler.
  this.timeout(120_000)
  let files: ReadonlyMap<string, string> = new Map()
  before(async () => {
    files = await generatedFiles(root)
  })

  const schema = (name: string) =>
    z.fromJSONSchema(JSON.parse(files.get(path.join('schemas', `${name}.schema.json`)) ?? '') as Schema)

  it('are as their sources would make them', () => {
    assert(files.size > 30, `only ${files.size} files are generated`)
    const stale = [...files]
      .filter(([file, text]) => readFileSync(path.join(root, file), 'utf8') !== text)
      .map(([file]) => file)
    assert.deepEqual(stale, [], 'Make them again with `node scripts/generate.ts`, then look at the difference in git.')
  })

  it('hold a schema for the JSON of each command', async () => {
    const {manifest} = await surface()
    for (const id of Object.keys(manifest.commands)) {
      const text = files.get(path.join('schemas', `${id.replaceAll(':', '-')}.schema.json`)) ?? ''
      const {properties, allOf} = JSON.parse(text) as {properties?: object; allOf?: unknown[]}
      assert((properties !== undefined && Object.keys(properties).length > 1) || allOf !== undefined, id)
      assert.match(text, /"schemaVersion"/, id)
    }
  })

  it('describe the configuration: the example fits, and a slip does not', async () => {
    const {configuration} = await readConfiguration(path.join(root, 'examples', 'pi-aws.yaml'))
    assert(schema('pi-aws').safeParse(configuration).success)
    assert(!schema('pi-aws').safeParse({...configuration, version: 2}).success)
    assert(!schema('pi-aws').safeParse({version: 1, environments: {prod: {regoin: 'eu-west-1'}}}).success)
  })

  it('describe what datasheet really prints', async () => {
    const {configuration} = await readConfiguration(path.join(root, 'examples', 'pi-aws.yaml'))
    for (const [name, environment] of Object.entries(configuration.environments)) {
      const result = await datasheet(
        {environment: parseEnvironmentName(name), configuration: environment},
        {packageFiles: packageFiles(root)},
      )
      const printed = JSON.parse(JSON.stringify({schemaVersion: 1, ...result})) as object
      assert.deepEqual(schema('datasheet').safeParse(printed).error?.issues ?? [], [])
      const {services, ...without} = printed as {services: unknown}
      assert(Array.isArray(services))
      assert(!schema('datasheet').safeParse(without).success)
    }
  })

  it('describe what an error really prints', () => {
    const printed = errorToJson(new UsageError('No.', {code: 'NO', suggestions: ['x']}))
    assert(schema('error').safeParse(printed).success)
    assert(!schema('error').safeParse({...printed, error: {...printed.error, exitCode: 99}}).success)
  })

  it('describe events one by one', () => {
    assert(schema('event').safeParse({type: 'note', message: 'x'}).success)
    assert(!schema('event').safeParse({type: 'note'}).success)
    assert(!schema('event').safeParse({type: 'made-up', message: 'x'}).success)
  })
})
