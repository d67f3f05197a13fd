import type {MetricsResult} from '../flows/metrics/options.ts'
import type {ChartKind} from './metric-flags.ts'
import {loadChartFonts, loadOutputFiles} from './wire.ts'

async function contentOf(result: MetricsResult, kind: ChartKind, root: string): Promise<Uint8Array> {
  if (kind === 'csv') {
    const {metricsCsv} = await import('../ui/format/charts/csv.ts')
    return Buffer.from(metricsCsv(result))
  }
  const {drawingOf} = await import('../ui/format/charts/drawing.ts')
  const drawing = drawingOf(result)
  if (kind === 'svg') {
    const {svgOf} = await import('../ui/format/charts/svg.ts')
    return Buffer.from(svgOf(drawing))
  }
  const [{pngOf}, fonts] = await Promise.all([import('../ui/format/charts/png.ts'), loadChartFonts(root)])
  return pngOf(drawing, fonts)
}

/**
 * Writes what was measured into a file, whole or not at all.
 * @param root of the package
 * @throws FailedError FILE_UNWRITABLE, PACKAGE_INCOMPLETE
 */
export async function writeChart(
  result: MetricsResult,
  path: string,
  kind: ChartKind,
  root: string,
): Promise<MetricsResult> {
  const content = await contentOf(result, kind, root)
  const files = await loadOutputFiles()
  const once = async function* (): AsyncGenerator<Uint8Array> {
    yield content
  }
  const {path: place, bytes} = await files.write(path, once(), true)
  return {...result, file: {path: place, bytes}}
}
