import assert from 'node:assert/strict'
import type {LogsQueryResult} from '../../../src/flows/logs/query.ts'
import {costOf, csvOf, formatLogsQueries, formatLogsQuery} from '../../../src/ui/format/logs-query.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'

const plain = await loadLayout({isTTY: false, width: 80, colours: 0, unicode: false} as never, '--local')

const result: LogsQueryResult = {
  ...{environment: 'demo', text: 'fields', groups: ['g'], from: '', to: '', fields: ['@message', 'level']},
  rows: [{'@message': 'a "word", and\nanother', level: 'ERROR'}, {'@message': '\u001B[31mred'}],
  ...{recordsMatched: 2, recordsScanned: 10, bytesScanned: 2_500_000_000},
}

describe('an answer of Insights', () => {
  it('is a table without control characters, with what it cost', () => {
    const text = formatLogsQuery(result, plain)
    assert.match(text, /@message +level/)
    assert.match(text, /a "word", and another +ERROR/)
    assert.ok(!text.includes('\u001B'))
    assert.match(text, /2 rows of 2 that fit, 10 lines read; 2\.500 GB scanned, about 0\.01 USD/)
    assert.match(formatLogsQuery({...result, rows: [], fields: []}, plain), /^0 rows/)
    assert.match(costOf(10), /less than 0\.01 USD/)
  })

  it('is CSV whose values are exact', () => {
    assert.equal(csvOf(result), '@message,level\r\n"a ""word"", and\nanother",ERROR\r\n\u001B[31mred,\r\n')
    assert.equal(csvOf({...result, rows: [], fields: []}), '')
  })

  it('comes from queries that have names', () => {
    const queries = [{key: 'errors', name: 'pi-aws/demo/errors', text: ''}]
    assert.match(formatLogsQueries({environment: 'demo', queries}, plain), /errors +pi-aws\/demo\/errors/)
    assert.match(formatLogsQueries({environment: 'demo', queries: []}, plain), /keeps no queries/)
  })
})
