import type {ExpandedResource} from '../expansion.ts'
import {type TemplateValue, textOf} from '../expression.ts'

export const mebibyte = 2 ** 20
export const gibibyte = 2 ** 30

/** A value somewhere inside another one; undefined where the way ends early. */
export function propertyAt(value: TemplateValue, ...way: readonly (string | number)[]): TemplateValue {
  let inner = value
  for (const key of way) {
    if (inner === null || typeof inner !== 'object') return undefined
    inner = (inner as Readonly<Record<string | number, TemplateValue>>)[key]
  }
  return inner
}

/** The same as a number; 0 for what is none. */
export function numberAt(value: TemplateValue, ...way: readonly (string | number)[]): number {
  const number = Number(textOf(propertyAt(value, ...way)))
  return Number.isFinite(number) ? number : 0
}

/** The same as yes or no: templates write both `true` and `'true'`. */
export function isOn(value: TemplateValue, ...way: readonly (string | number)[]): boolean {
  return textOf(propertyAt(value, ...way)) === 'true'
}

/** The resources of a type, given without `AWS::`. */
export function ofType(resources: readonly ExpandedResource[], type: string): readonly ExpandedResource[] {
  return resources.filter((resource) => resource.type === `AWS::${type}`)
}
