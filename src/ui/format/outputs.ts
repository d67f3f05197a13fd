import type {OutputsResult} from '../../flows/outputs.ts'
import type {Layout} from './layout.ts'
import {oneLine} from './visible.ts'

/** All outputs as a table; a single one as its bare value, for scripts. */
export function formatOutputs(name: string | undefined): (result: OutputsResult, layout: Layout) => string {
  return (result, layout) => {
    if (name !== undefined) return `${oneLine(result.outputs[name] ?? '')}\n`
    const rows = Object.entries(result.outputs).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return layout.keyValues(rows)
  }
}
