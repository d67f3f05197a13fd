import assert from 'node:assert/strict'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {at, items, listOf, loadTemplates, mapOf, templatesFolder, textOf, type Json, type Template} from './load.ts'
import {presets} from './presets.ts'
import {fill, renderFor, renderOpen} from './render.ts'
import {runTool} from './tools.ts'

const templates = loadTemplates()

function write(folder: string, path: string, content: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), {recursive: true})
  writeFileSync(file, content)
}

describe('gates of templates by other people\'s tools', function () {
  this.timeout(300_000)
  let folder = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pi-aws-gates-'))
  })

  after(() => {
    rmSync(folder, {recursive: true, force: true})
  })

  it('cfn-lint finds no error, no warning and no hint in two regions', () => {
    const files = templates.map((template) => join(templatesFolder, `${template.id}.yaml`))
    const {status, stdout, stderr} = runTool('cfn-lint', ['-c', 'I', '-r', 'us-east-1', 'eu-west-1', '--', ...files])
    assert.equal(stdout + stderr, '')
    assert.equal(status, 0)
  })

  it('cfn-lint would find one: a wrong property', () => {
    write(folder, 'lint/bad.yaml', 'Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {BucketNam: one}}}\n')
    const {status, stdout} = runTool('cfn-lint', ['-c', 'I', '-r', 'us-east-1', '--', join(folder, 'lint', 'bad.yaml')])
    assert.match(stdout, /E3002.*BucketNam/)
    assert.notEqual(status, 0)
  })

  it('checkov fails nowhere: as they are, for each preset, and with every condition removed', () => {
    const variants: Record<string, (template: Template) => Json> = {
      'open-first': (template) => renderOpen(template, 'first'),
      'open-second': (template) => renderOpen(template, 'second'),
      trial: (template) => renderFor(template, {HttpOnly: 'true', PublicHost: '', PiranaHost: '', HostedZoneId: ''}),
      instances: (template) => renderFor(template, {Compute: 'ec2'}),
      restored: (template) => renderFor(template, {SnapshotIdentifier: 'pi-demo-20260101', Active: 'false'}),
    }
    for (const [name, values] of Object.entries(presets)) variants[name] = (template) => renderFor(template, values)
    for (const template of templates) {
      write(folder, `checkov/as-they-are/${template.id}.yaml`, template.text)
      for (const [name, render] of Object.entries(variants)) {
        write(folder, `checkov/${name}/${template.id}.json`, JSON.stringify(render(template), undefined, 1))
      }
    }
    const report = checkov(join(folder, 'checkov'))
    assert.deepEqual(report.parsingErrors, [])
    assert.deepEqual(report.failed, [])
    // A template that checkov cannot read is silently no part of its graph.
    const rendered = Object.values(variants).flatMap((render) => templates.map((template) => mapOf(at(render(template), 'Resources'))))
    const all = templates.reduce((sum, template) => sum + template.resources.length, 0)
    assert.equal(report.resources, rendered.reduce((sum, one) => sum + Object.keys(one).length, all))
    const unseen = templates.filter((template) => !report.looked.has(`as-they-are/${template.id}`)).map((template) => template.id)
    assert.deepEqual(unseen, beyondCheckov, 'templates in which nothing was checked')
    const declared = templates.flatMap((template) =>
      template.resources.flatMap((one) => skipsOf(one.declaration).map((skip) => `${template.id}.${one.id} ${textOf(at(skip, 'id'))}`)),
    )
    assert.deepEqual(declared.filter((skip) => !report.skipped.has(skip)), [], 'suppressions that suppress nothing')
  })

  it('checkov would fail somewhere: a bucket without anything, a template that cannot be read', () => {
    write(folder, 'checkov-bad/bucket.yaml', 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n')
    const report = checkov(join(folder, 'checkov-bad'))
    assert.ok(report.failed.some((line) => line.includes('CKV_AWS_18')), 'the missing access log was not found')
  })

  it('gives a reason for every suppression', () => {
    const skips = templates.flatMap((template) => template.resources.flatMap((one) => skipsOf(one.declaration)))
    assert.ok(skips.length > 0)
    for (const skip of skips) assert.match(textOf(at(skip, 'comment')), /^.{20,}\.$/, JSON.stringify(skip))
  })

  it('parliament finds nothing in any IAM policy', () => {
    const policies = templates.flatMap(policiesOf)
    assert.ok(policies.length >= 12, `only ${policies.length} policies were found`)
    for (const {name, document} of policies) write(folder, `policies/${name}.json`, JSON.stringify(document))
    const {stdout, status} = runTool('parliament', ['--directory', join(folder, 'policies'), '--include_policy_extension', 'json', '--json'])
    assert.equal(stdout.trim(), '')
    assert.equal(status, 0)
  })

  it('parliament would find one: an action that does not exist', () => {
    const statement = {Effect: 'Allow', Action: 's3:GetObjekt', Resource: 'arn:aws:s3:::dummy/*'}
    write(folder, 'bad-policies/bad.json', JSON.stringify({Version: '2012-10-17', Statement: [statement]}))
    const {stdout} = runTool('parliament', ['--directory', join(folder, 'bad-policies'), '--include_policy_extension', 'json', '--json'])
    assert.match(stdout, /GetObjekt/)
  })
})

/** Templates whose resource types checkov knows no check for; our own rules look at them. */
const beyondCheckov: readonly string[] = ['app', 'app/data', 'app/discovery', 'network/zone', 'operations']

function skipsOf(declaration: Json): readonly Json[] {
  return items(at(declaration, 'Metadata', 'checkov', 'skip'))
}

interface Report {
  readonly resources: number
  readonly parsingErrors: readonly string[]
  readonly failed: readonly string[]
  /** `<template>.<resource> <check>` of every suppression that had an effect. */
  readonly skipped: ReadonlySet<string>
  /** `<variant>/<template>` of every template in which something was checked. */
  readonly looked: ReadonlySet<string>
}

function checkov(folder: string): Report {
  const {stdout, stderr} = runTool('checkov', ['-d', folder, '--framework', 'cloudformation', '--skip-download', '-o', 'json'])
  assert.notEqual(stdout, '', stderr)
  const results = mapOf(at(JSON.parse(stdout) as Json, 'results'))
  const rows = (kind: string) => listOf(results[kind])
  const file = (row: Json) => textOf(at(row, 'file_path')).replace(/^\/|\.(yaml|json)$/g, '')
  const resource = (row: Json) => textOf(at(row, 'resource')).split('.').at(-1) ?? ''
  const all = ['passed_checks', 'failed_checks', 'skipped_checks'].flatMap(rows)
  return {
    resources: Number(at(JSON.parse(stdout) as Json, 'summary', 'resource_count')),
    parsingErrors: rows('parsing_errors').map(textOf),
    failed: rows('failed_checks').map((row) => `${file(row)}: ${resource(row)}: ${textOf(at(row, 'check_id'))} ${textOf(at(row, 'check_name'))}`),
    skipped: new Set(rows('skipped_checks').map((row) => `${file(row).split('/').slice(1).join('/')}.${resource(row)} ${textOf(at(row, 'check_id'))}`)),
    looked: new Set(all.map(file)),
  }
}

/** Every identity policy of a template, with both branches of its choices. */
function policiesOf(template: Template): readonly {readonly name: string; readonly document: Json}[] {
  return (['first', 'second'] as const).flatMap((branch) =>
    Object.entries(mapOf(renderOpen(template, branch)['Resources'])).flatMap(([id, resource]) => {
      const properties = at(resource, 'Properties')
      const documents = [...listOf(at(properties, 'Policies')).map((policy) => at(policy, 'PolicyDocument')), at(properties, 'PolicyDocument')]
      if (!/^AWS::IAM::(Role|Policy|ManagedPolicy)$/.test(textOf(at(resource, 'Type')))) return []
      return documents
        .filter((document) => document !== undefined)
        .map((document, index) => ({name: `${template.id.replace('/', '-')}-${id}-${index}-${branch}`, document: fill(document)}))
    }),
  )
}
