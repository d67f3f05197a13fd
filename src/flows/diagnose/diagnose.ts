import type {Facts, Finding} from '../../domain/diagnosis/facts.ts'
import {diagnose as find} from '../../domain/diagnosis/rules.ts'
import {redacted} from '../../domain/diagnosis/redact.ts'
import {linesOf} from '../../domain/logs/traces.ts'
import {logs} from '../logs/logs.ts'
import type {LogsPorts} from '../logs/ports.ts'
import type {Run} from '../run.ts'
import {collectFacts, type DiagnoseOptions, type DiagnosePorts} from './collect.ts'
import type {BundleWriter} from './ports.ts'

export interface DiagnoseResult {
  readonly environment: string
  readonly healthy: boolean
  readonly findings: readonly Finding[]
  /** File with everything that was looked at. */
  readonly bundle?: string
}

/** Lines of logs in a bundle. */
const mostLines = 5000
/** How far back they go, ms. */
const logSpan = 3_600_000

/** Says what is wrong with an environment, the likeliest first cause first. Changes nothing. */
export async function diagnose(options: DiagnoseOptions, ports: DiagnosePorts): Promise<DiagnoseResult> {
  return resultOf(await collectFacts(options, ports))
}

function resultOf(facts: Facts): DiagnoseResult {
  const findings = find(facts)
  return {environment: facts.environment, healthy: findings.length === 0, findings}
}

export interface BundleOptions extends DiagnoseOptions {
  readonly file: string
  /** The environment's part of pi-aws.yaml. */
  readonly configuration: unknown
  readonly version: string
}

/** The same, with one archive of everything that was looked at and of the last hour's logs, secrets removed. */
export async function diagnoseInto(
  options: BundleOptions,
  ports: DiagnosePorts & Omit<LogsPorts, 'sink'> & {readonly bundle: BundleWriter},
  run: Run,
): Promise<DiagnoseResult> {
  const facts = await collectFacts(options, ports)
  const result = resultOf(facts)
  const records: object[] = []
  const sink: LogsPorts['sink'] = {
    write: async (entries) => void records.push(...entries.flatMap(linesOf)),
  }
  const {environment, file, configuration, version} = options
  const from = Date.parse(facts.now) - logSpan
  const search = {services: [], grep: [], exclude: [], limit: mostLines, previous: false, follow: false, reorder: 0}
  let missing: string | undefined
  try {
    await logs({environment, span: {from, to: undefined}, since: true, ...search}, {...ports, sink}, run)
  } catch (error) {
    missing = error instanceof Error ? error.message : String(error)
  }
  const about = {version, environment, made: facts.now, ...(missing === undefined ? {} : {logsMissing: missing})}
  const json = (value: unknown): string => `${JSON.stringify(redacted(value), null, 2)}\n`
  await ports.bundle.write(
    file,
    new Map([
      ['about.json', json(about)],
      ['diagnosis.json', json(result)],
      ['facts.json', json(facts)],
      ['configuration.json', json(configuration)],
      ['logs.ndjson', records.map((record) => `${JSON.stringify(redacted(record))}\n`).join('')],
    ]),
  )
  return {...result, bundle: file}
}
