import {PendingError} from '../../domain/errors.ts'

/** What `--no-wait` ends with, once CloudFormation works on a stack. */
export function goesOn(stack: string): PendingError {
  return new PendingError(`Stack ${stack} goes on without us.`, {
    code: 'NOT_WAITED',
    suggestions: ['pi-aws ops wait', 'pi-aws status', 'The same command again waits for it and does the rest'],
  })
}
