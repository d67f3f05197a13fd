import * as z from 'zod'
import {FailedError, RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {FlowEvent} from '../events.ts'
import type {Clock, Objects} from '../ports.ts'

/** Where the artifacts bucket says which function the stacks are to take. */
const choiceKey = 'lambda/choice.json'

const choiceSchema = z.object({
  schemaVersion: z.literal(1),
  own: z.object({key: z.string().min(1), size: z.number().int().min(1), chosenAt: z.iso.datetime()}).optional(),
})

/** The zip of the operator's own that the side-load function is made of. */
export interface OwnFunction {
  /** In the artifacts bucket. */
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** ISO 8601 UTC. */
  readonly chosenAt: string
}

/**
 * The zip of their own that the operator has chosen; undefined where the stacks take the one of pi-aws.
 * @throws FailedError CHOICE_UNREADABLE
 */
export async function ownFunctionIn(
  {objects}: {readonly objects: Pick<Objects, 'get'>},
  bucket: string,
): Promise<OwnFunction | undefined> {
  const found = await objects.get(bucket, choiceKey)
  if (found === undefined) return undefined
  try {
    return choiceSchema.parse(JSON.parse(new TextDecoder().decode(found.body))).own
  } catch (error) {
    throw new FailedError(
      `Choice of the function unreadable: s3://${bucket}/${choiceKey} does not have the expected form.`,
      {
        code: 'CHOICE_UNREADABLE',
        suggestions: ['Choose again: pi-aws upload lambda ENVIRONMENT, with --file for a zip of your own'],
        cause: error,
      },
    )
  }
}

/**
 * Remembers which function the stacks are to take from now on.
 * @param zip the operator's own; undefined for the one of pi-aws
 * @returns whether it was another one before
 */
export async function chooseFunction(
  {objects, clock}: {readonly objects: Objects; readonly clock: Clock},
  bucket: string,
  zip: Pick<OwnFunction, 'key' | 'size'> | undefined,
): Promise<boolean> {
  // One that cannot be read is chosen anew.
  const before = await ownFunctionIn({objects}, bucket).catch(() => ({key: '', size: 0, chosenAt: ''}))
  if (before?.key === zip?.key) return false
  const own = zip === undefined ? {} : {own: {...zip, chosenAt: clock.now().toISOString()}}
  const body = new TextEncoder().encode(JSON.stringify({schemaVersion: 1, ...own}))
  await objects.put(bucket, choiceKey, body, 'application/json')
  return true
}

/**
 * Says that a zip of the operator's own is taken, and sees to it that it is still there.
 * @throws RefusedError OWN_FUNCTION_GONE
 */
export async function requireOwnFunction(
  ports: {readonly objects: Pick<Objects, 'head'>},
  environment: EnvironmentName,
  bucket: string,
  own: OwnFunction,
  report: (event: FlowEvent) => void,
): Promise<void> {
  const back = `pi-aws upload lambda ${environment}`
  if ((await ports.objects.head(bucket, own.key)) === undefined) {
    throw new RefusedError(
      `The function that you chose is gone: s3://${bucket}/${own.key} does not exist; nothing was changed.`,
      {code: 'OWN_FUNCTION_GONE', suggestions: [`${back} --file ZIP`, `To go back to the one of pi-aws: ${back}`]},
    )
  }
  report({
    type: 'note',
    message: `The function is your own zip ${own.key}, chosen at ${own.chosenAt}. To go back to the one of pi-aws: ${back}`,
  })
}
