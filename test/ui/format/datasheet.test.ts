import assert from 'node:assert/strict'
import path from 'node:path'
import {readConfiguration} from '../../../src/cli/config-file.ts'
import {parseEnvironmentName} from '../../../src/domain/names.ts'
import {datasheet, type DatasheetResult} from '../../../src/flows/datasheet.ts'
import {packageFiles} from '../../../src/host/package-files.ts'
import {formatDatasheet} from '../../../src/ui/format/datasheet.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'
import {displayWidth} from '../../../src/ui/format/width.ts'

const root = path.resolve(import.meta.dirname, '../../..')

async function sheetOf(name: string): Promise<DatasheetResult> {
  const {configuration} = await readConfiguration(path.join(root, 'examples', 'pi-aws.yaml'))
  const environment = configuration.environments[name]
  assert(environment !== undefined)
  return datasheet(
    {environment: parseEnvironmentName(name), configuration: environment},
    {packageFiles: packageFiles(root)},
  )
}

const layout = await loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24})

describe('the page of a data sheet', () => {
  for (const name of ['demo', 'prod']) {
    it(`of ${name} fits into 80 columns, without a terminal that would cut it`, async () => {
      const lines = formatDatasheet(false)(await sheetOf(name), layout).split('\n')
      assert(lines.length > 80)
      assert.deepEqual(
        lines.filter((line) => displayWidth(line) > 79),
        [],
      )
    })
  }

  it('has a chapter for everything that is asked of it', async () => {
    const text = formatDatasheet(false)(await sheetOf('prod'), layout)
    for (const title of [
      'Environment',
      'Services',
      'Network',
      'Public',
      'Who may reach what',
      'Ways out',
      'Data',
      'Encryption',
      'Limits',
      'What drives cost',
      'Resources',
    ]) {
      assert.match(text, new RegExp(`^${title}$`, 'm'))
    }
    assert.match(text, /^dashboard +\d/m)
    assert.match(text, /^NAT gateways +2 +gateways +hour, GB through them$/m)
    assert.match(text, /^ 443 {2}HTTPS/m)
    assert.doesNotMatch(text, /[$€£]|undefined|NaN|\u00a0/)
  })

  it('is a well-formed document as Markdown', async () => {
    const text = formatDatasheet(true)(await sheetOf('prod'), layout)
    assert.match(text, /^# Data sheet of prod\n\nAs pi-aws /)
    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    assert(rows.length > 40)
    for (const block of text.split('\n\n').filter((each) => each.startsWith('|'))) {
      const widths = block
        .trim()
        .split('\n')
        .map((line) => line.replaceAll(String.raw`\|`, '').split('|').length)
      assert.equal(new Set(widths).size, 1, block)
    }
    assert.doesNotMatch(text, /\u00a0|undefined/)
  })

  it('says what is wrong in the words of the reader: an existing VPC, plain HTTP, an open door', async () => {
    const prod = await sheetOf('prod')
    const odd = {
      ...prod,
      exposed: ['database/Database'],
      network: {...prod.network, existingVpc: 'vpc-0a', natGateways: 0},
    }
    const text = formatDatasheet(false)(odd, layout)
    assert.match(text, /vpc-0a \(10\.30\.0\.0\/16\), existing/)
    assert.match(text, /none: the existing VPC has its own way out/)
    assert.match(text, /public addresses besides the load balancer: database\/Database/)
    assert.match(formatDatasheet(false)(await sheetOf('demo'), layout), /NOT encrypted: plain HTTP/)
    const {backup, account, ...bare} = prod
    assert(backup !== undefined && account !== undefined)
    const without = formatDatasheet(false)(bare, layout)
    assert.match(without, /^Backup plan +none$/m)
    assert.match(without, /^Account +any: pi-aws\.yaml names none$/m)
  })
})
