import type {SecretResult} from '../../flows/secrets.ts'
import type {Layout} from './layout.ts'

/** That a secret was written, never what. */
export function formatSecret(what: string, next: string): (result: SecretResult, layout: Layout) => string {
  return (result, layout) =>
    [
      layout.heading(`${what} of ${result.environment} written`),
      layout.keyValues([
        ['Secret', result.secretArn],
        ['Version', result.versionId],
      ]),
      layout.nextSteps([next.replace('ENVIRONMENT', result.environment)]),
    ].join('\n')
}
