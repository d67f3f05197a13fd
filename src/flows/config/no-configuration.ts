import {NotFoundError} from '../../domain/errors.ts'

/** There is no file of that name. */
export function noConfiguration(path: string): NotFoundError {
  return new NotFoundError(`Configuration not found: there is no ${path}.`, {
    code: 'CONFIGURATION_NOT_FOUND',
    suggestions: [
      'Have one written: pi-aws init',
      'Or copy examples/pi-aws.yaml of the package and edit it',
      'Name another file with --config',
      'Try without an AWS account: --local',
    ],
  })
}
