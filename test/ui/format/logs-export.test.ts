import assert from 'node:assert/strict'
import type {LogsExportResult} from '../../../src/flows/logs/export.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'
import {formatLogsExport} from '../../../src/ui/format/logs-export.ts'

const layout = await loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24})
const file = {service: 'dashboard', day: '2026-11-21', sha256: 'x'} as const

describe('the page of logs export', () => {
  it('lists files with their lines, and says what was there and what is empty', () => {
    const result: LogsExportResult = {
      ...{environment: 'demo', folder: '/tmp/x', from: 'f', to: 't', lines: 12, bytes: 2148},
      files: [
        {...file, file: 'a.ndjson', lines: 10, bytes: 2048, state: 'written'},
        {...file, file: 'b.ndjson', lines: 2, bytes: 100, state: 'there'},
        {...file, file: 'c.ndjson', lines: 0, bytes: 0, state: 'empty'},
      ],
    }
    assert.equal(
      formatLogsExport(result, layout),
      [
        'File      Lines     Size',
        'a.ndjson     10  2.0 KiB',
        'b.ndjson      2    100 B  was there',
        '',
        '12 lines in 2 files (2.1 KiB) in /tmp/x; 1 of them was there; 1 day of services without a line.',
        '',
      ].join('\n'),
    )
    const plain = formatLogsExport({...result, files: result.files.slice(0, 1)}, layout)
    assert.match(plain, /in 1 file \(2\.1 KiB\) in \/tmp\/x\.\n$/)
  })
})
