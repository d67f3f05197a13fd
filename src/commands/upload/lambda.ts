import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {wireFunctionZips} from '../../cli/wire.ts'
import {uploadLambda} from '../../flows/upload-lambda.ts'
import {formatUploadLambda} from '../../ui/format/upload-lambda.ts'

export default class UploadLambda extends AwsCommand {
  static override summary = 'Put the side-load function into the artifacts bucket'

  static override description = `Takes the function that ships with pi-aws, or a zip of your own, and checks it first: readable to its last byte, with
index.js and its handler at the top, at most 50 MB and 250 MB unpacked, no name that leads elsewhere. deploy takes
what was uploaded last: a zip of your own until you upload without --file again.`

  static override examples = [
    '<%= config.bin %> upload lambda demo --local',
    '<%= config.bin %> upload lambda demo --local --file dist/lambda/sideload.zip',
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    file: Flags.string({description: 'Zip with a function of your own', helpValue: 'ZIP', env: 'PI_AWS_FILE'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(UploadLambda)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatUploadLambda,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return uploadLambda({environment, file: flags.file}, await wireFunctionZips(ports))
      },
    })
  }
}
