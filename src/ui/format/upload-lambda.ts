import type {UploadLambdaResult} from '../../flows/upload-lambda.ts'
import {formatBytes, type Layout} from './layout.ts'

export function formatUploadLambda(result: UploadLambdaResult, layout: Layout): string {
  return [
    layout.heading(result.changed ? 'Side-load function uploaded' : 'Side-load function: nothing to change'),
    layout.keyValues([
      ['Object', `s3://${result.bucket}/${result.key}`],
      ['Size', formatBytes(result.size)],
      ['Function', result.builtIn ? 'the one of pi-aws' : 'your own; deploy takes it until you upload without --file'],
    ]),
    layout.nextSteps(result.changed ? [`pi-aws deploy ${result.environment} --part files`] : []),
  ].join('\n')
}
