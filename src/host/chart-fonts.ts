import {access} from 'node:fs/promises'
import {join} from 'node:path'
import {FailedError} from '../domain/errors.ts'

/**
 * The files of the fonts that pictures are written with, from the package at `root`: below dist/chart, where the build puts
 * them.
 * @throws FailedError PACKAGE_INCOMPLETE
 */
export async function chartFonts(root: string): Promise<{readonly regular: string; readonly bold: string}> {
  const [regular, bold] = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
    join(root, 'dist', 'chart', name),
  ) as [string, string]
  try {
    await Promise.all([access(regular), access(bold)])
    return {regular, bold}
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
