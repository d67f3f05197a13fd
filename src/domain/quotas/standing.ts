/** What stands of the environment, as far as needs hang on it. */
export interface Standing {
  /** Reference of a resource in the templates -> its physical id. */
  readonly physical: ReadonlyMap<string, string>
  /** Physical id of an ECS service -> its tasks. */
  readonly services: ReadonlyMap<string, {readonly desired: number; readonly running: number}>
  /** Name of an Auto Scaling group -> its instances. */
  readonly instances: ReadonlyMap<string, number>
}

export const nothingStands: Standing = {physical: new Map(), services: new Map(), instances: new Map()}
