import type {DatasheetResult} from '../../flows/datasheet.ts'
import {sectionsOf, type Section, unbroken} from './datasheet-sections.ts'
import type {Layout} from './layout.ts'
import {oneLine} from './visible.ts'
import {wrap} from './width.ts'

/** Columns that a data sheet is laid out for: it is read, printed and sent by mail. */
const pageWidth = 79

function textSection({title, facts, table, remark}: Section, layout: Layout): string {
  const names = Math.max(0, ...facts.map(([name]) => name.length))
  const wrapped = facts.map(([name, value]): [string, string] => [
    name,
    value
      .split('\n')
      .flatMap((line) => wrap(line, pageWidth - names - 2))
      .join('\n')
      .replaceAll(unbroken, ' '),
  ])
  return [
    layout.heading(title),
    layout.keyValues(wrapped),
    table === undefined ? '' : layout.table(table.columns, table.rows),
    remark === undefined ? '' : `${wrap(remark, pageWidth).join('\n')}\n`,
  ].join('')
}

/** The data sheet for a terminal. */
function formatText(result: DatasheetResult, layout: Layout): string {
  const {environment, region, version} = result
  return [
    layout.heading(`Data sheet of ${environment} in ${region}, as pi-aws ${version} would install it`),
    ...sectionsOf(result).map((section) => textSection(section, layout)),
  ].join('\n')
}

function cell(text: string): string {
  return oneLine(text).replaceAll('|', String.raw`\|`)
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |\n`
}

function markdownSection({title, facts, table, remark}: Section): string {
  const rows =
    table === undefined
      ? ''
      : [
          markdownRow(table.columns.map(({head}) => head)),
          `|${table.columns.map(({align}) => (align === 'right' ? ' ---: |' : ' --- |')).join('')}\n`,
          ...table.rows.map(markdownRow),
        ].join('')
  const list = facts.map(([name, value]) => `- **${name}**: ${oneLine(value).replaceAll(unbroken, ' ')}\n`).join('')
  const blocks = [list, rows, remark === undefined ? '' : `${remark}\n`].filter((block) => block !== '')
  return `## ${title}\n\n${blocks.join('\n')}`
}

/** The data sheet as a Markdown document. */
function formatMarkdown(result: DatasheetResult): string {
  const {environment, region, version} = result
  const intro = `As pi-aws ${version} would install it in ${region}.\n`
  return [`# Data sheet of ${environment}\n`, intro, ...sectionsOf(result).map(markdownSection)].join('\n')
}

/** The data sheet, laid out for a terminal or as Markdown. */
export function formatDatasheet(markdown: boolean): (result: DatasheetResult, layout: Layout) => string {
  return markdown ? formatMarkdown : formatText
}
