import {RefusedError} from '../../domain/errors.ts'
import {addressOf} from '../../domain/images.ts'
import {loginOf, ownMachine} from '../preflight/rows/registry.ts'
import type {ServicePlace} from '../service/place.ts'
import type {RotateOptions, RotatePorts} from './options.ts'

/**
 * Asks the registry for every image that runs, with the new credentials: a task that starts tomorrow must not be the first
 * to try them.
 * @throws RefusedError LOGIN_REFUSED; FailedError REGISTRY_UNREACHABLE
 */
export async function requirePullable(
  {containers, imageRegistry}: RotatePorts,
  {value, embedded, environment}: RotateOptions,
  {cluster}: ServicePlace,
): Promise<void> {
  const credentials = loginOf(value ?? '')
  const running = (await containers.images(cluster)).map(({image}) => image)
  // The image of a tool stands in another registry, which knows nothing of these credentials.
  const registries = running.map((image) => addressOf(image).registry)
  const usual = registries.toSorted(
    (a, b) => registries.filter((one) => one === b).length - registries.filter((one) => one === a).length,
  )[0]
  const asked = [...new Set(running)].filter(
    (image) => addressOf(image).registry === usual && (!embedded || ownMachine.test(image)),
  )
  const answers = await Promise.all(
    asked.map(async (image) => ({
      image,
      answer: await imageRegistry.manifest({...addressOf(image), ...(credentials === undefined ? {} : {credentials})}),
    })),
  )
  const refused = answers.filter(({answer}) => !answer.found).map(({image}) => image)
  if (refused.length === 0) return
  throw new RefusedError(
    `The registry does not give ${refused.join(', ')} to these credentials. Nothing was changed.`,
    {
      code: 'LOGIN_REFUSED',
      suggestions: [
        `pi-aws secret rotate registry --environment ${environment} --registry-username NAME --registry-password-file token.txt`,
      ],
    },
  )
}
