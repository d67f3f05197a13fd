// Makes every file that is made from others and kept in git. `--check` writes nothing and fails when one would change.
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve, sep} from 'node:path'
import prettier from 'prettier'
import * as z from 'zod'
import {configurationFileSchema} from '../src/domain/configuration.ts'
import {neededActions, type Needs} from '../src/domain/permissions/needs.ts'
import {anywhere, policiesFor} from '../src/domain/permissions/policy.ts'
import {parseTemplate} from '../src/domain/template.ts'
import {architecturePicture} from './architecture.ts'
import {deployRoleTemplate} from './deploy-role.ts'
import {licenceTable, npmPackages, pythonPackages} from './licences.ts'
import {commandPages, exitCodeTable, fillBlock, jsonTable, noWaitTable, quotaTable, variableTable} from './reference.ts'
import {resultSchemas} from './result-schemas.ts'
import {loadSurface, shippedManifest} from './surface.ts'

/** Folders that hold generated files and nothing else: what is left over there goes. */
const ownFolders = ['schemas', join('docs', 'commands'), join('docs', 'policies')]

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function editorSchema(): object {
  const schema = z.toJSONSchema(configurationFileSchema, {io: 'input'})
  return {
    ...schema,
    $id: 'pi-aws.schema.json',
    title: 'pi-aws.yaml',
    description: 'Environments of pi-aws. The file never holds a secret.',
  }
}

/** What those who deploy need, as the templates say. */
function needsOf(root: string): Needs {
  const folder = join(root, 'templates')
  const templates = new Map(
    readdirSync(folder, {recursive: true, encoding: 'utf8'})
      .filter((file) => file.endsWith('.yaml'))
      .toSorted()
      .map((file) => [file.replaceAll(sep, '/'), parseTemplate(readFileSync(join(folder, file), 'utf8'))] as const),
  )
  return neededActions(templates)
}

/** The IAM policies of a deployer, for any environment. */
function policyFiles(needs: Needs): readonly (readonly [file: string, text: string])[] {
  return policiesFor(needs, anywhere).map(
    ({name, document}) => [join('docs', 'policies', `${name}.json`), json(document)] as const,
  )
}

/** A page as the format check wants it. */
async function laidOut(root: string, file: string, text: string): Promise<string> {
  const options = await prettier.resolveConfig(join(root, file))
  return prettier.format(text, {...options, filepath: file})
}

/** Path below the project -> content. */
export async function generatedFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const {manifest: read, config} = await loadSurface(root)
  const manifest = shippedManifest(read)
  const sources = new Map(
    Object.entries(read.commands).map(([id, {relativePath}]) => [id, join(...(relativePath ?? []))] as const),
  )
  const schemas = resultSchemas(root, sources)
  const scripting = join('docs', 'scripting.md')
  const blocks = {
    variables: variableTable(manifest),
    'no wait': noWaitTable(),
    'exit codes': exitCodeTable(),
    'JSON forms': jsonTable(manifest, schemas),
  }
  const page = Object.entries(blocks).reduce(
    (text, [name, block]) => fillBlock(text, name, block),
    readFileSync(join(root, scripting), 'utf8'),
  )
  const needs = needsOf(root)
  const deployRole = join('examples', 'ci', 'deploy-role.yaml')
  const licences = join('docs', 'licences.md')
  const licencePage = fillBlock(
    fillBlock(readFileSync(join(root, licences), 'utf8'), 'npm', licenceTable(npmPackages(root))),
    'python',
    licenceTable(pythonPackages(root)),
  )
  const quotas = join('docs', 'quotas.md')
  const quotaPage = fillBlock(readFileSync(join(root, quotas), 'utf8'), 'quotas', quotaTable())
  return new Map([
    [quotas, await laidOut(root, quotas, quotaPage)],
    [join('docs', 'architecture.svg'), architecturePicture(root)],
    [licences, await laidOut(root, licences, licencePage)],
    [deployRole, await laidOut(root, deployRole, deployRoleTemplate(needs))],
    ['oclif.manifest.json', json(manifest)],
    [join('schemas', 'pi-aws.schema.json'), json(editorSchema())],
    ...[...schemas].map(([name, schema]) => [join('schemas', `${name}.schema.json`), json(schema)] as const),
    [scripting, await laidOut(root, scripting, page)],
    ...(await Promise.all(
      policyFiles(needs).map(async ([file, text]) => [file, await laidOut(root, file, text)] as const),
    )),
    ...[...commandPages(manifest, config.bin)].map(([name, text]) => [join('docs', 'commands', name), text] as const),
  ])
}

/** Files in the generated folders that nothing makes any more. */
function leftOver(root: string, files: ReadonlyMap<string, string>): readonly string[] {
  return ownFolders
    .flatMap((folder) =>
      existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name)) : [],
    )
    .filter((file) => !files.has(file))
}

async function main(root: string, check: boolean): Promise<void> {
  const files = await generatedFiles(root)
  const differing = [...files].filter(([file, text]) => {
    const path = join(root, file)
    return !existsSync(path) || readFileSync(path, 'utf8') !== text
  })
  const gone = leftOver(root, files)
  if (check) {
    for (const file of [...differing.map(([name]) => name), ...gone]) console.error(`not as generated: ${file}`)
    if (differing.length + gone.length === 0) return
    console.error('Make them again with `node scripts/generate.ts`, then look at the difference in git.')
    process.exitCode = 1
    return
  }
  for (const [file, text] of differing) {
    mkdirSync(dirname(join(root, file)), {recursive: true})
    writeFileSync(join(root, file), text)
  }
  for (const file of gone) rmSync(join(root, file))
  console.log(`${files.size} files, ${differing.length} written, ${gone.length} removed`)
}

if (import.meta.main) await main(resolve(import.meta.dirname, '..'), process.argv.includes('--check'))
