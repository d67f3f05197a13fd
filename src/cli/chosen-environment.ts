import {isAttended} from './output.ts'
import {wireCurrentEnvironment} from './wire.ts'

/** The environment that `env use` chose for a file, where a person sits in front: a script means what it says. */
export async function chosenEnvironment(path: string): Promise<string | undefined> {
  return isAttended(process.env) ? (await wireCurrentEnvironment()).read(path) : undefined
}
