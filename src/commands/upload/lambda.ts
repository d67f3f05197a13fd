import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {uploadLambda} from '../../flows/upload-lambda.ts'
import {formatUploadLambda} from '../../ui/format/upload-lambda.ts'

export default class UploadLambda extends AwsCommand {
  static override summary = 'Put the side-load function into the artifacts bucket'
  static override examples = ['<%= config.bin %> upload lambda demo --local']
  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(UploadLambda)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatUploadLambda,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return uploadLambda({environment}, ports)
      },
    })
  }
}
