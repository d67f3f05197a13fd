import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {FailedError} from '../domain/errors.ts'

/** Below dist/chart, where the build puts them. */
const names = {renderer: 'resvg.wasm', fonts: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']} as const

/**
 * What draws pictures, from the package at `root`.
 * @throws FailedError PACKAGE_INCOMPLETE
 */
export async function chartParts(
  root: string,
): Promise<{readonly renderer: Uint8Array; readonly fonts: readonly Uint8Array[]}> {
  const read = (name: string): Promise<Uint8Array> => readFile(join(root, 'dist', 'chart', name))
  try {
    return {renderer: await read(names.renderer), fonts: await Promise.all(names.fonts.map(read))}
  } catch (cause) {
    throw new FailedError('The installation of pi-aws is incomplete: it cannot draw PNG.', {
      code: 'PACKAGE_INCOMPLETE',
      suggestions: [
        'Write the chart as SVG: --out metrics.svg',
        'Install pi-aws again; in a clone, npm start builds it',
      ],
      cause,
    })
  }
}
