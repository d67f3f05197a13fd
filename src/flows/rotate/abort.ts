import * as z from 'zod'
import {rotatable, rotations} from '../../domain/rotation.ts'
import {neededOutput} from '../landscape.ts'
import type {Scribe} from '../ledger/once.ts'
import type {Ports} from '../ports.ts'
import {servicePlace} from '../service/place.ts'
import {takeBack} from './take-back.ts'

const head = z.object({secret: z.enum(rotatable)})

/** `ops abort` of a rotation: the former version comes back everywhere. */
export async function abortRotation(ports: Ports, scribe: Scribe): Promise<readonly string[]> {
  const {operation} = scribe
  const {secret} = head.parse(operation.journal.head.options)
  const place = await servicePlace(ports, operation.environment)
  const arn = neededOutput(place.outputs, rotations[secret].output)
  return takeBack(ports, scribe, {secret, arn, place})
}
