import * as z from 'zod'
import {partOf} from '../../domain/landscape.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import type {Containers, Ports, RunningImage} from '../ports.ts'
import {keepObject} from './capture-assets.ts'
import type {Site} from './site.ts'

export type ConfigurationCopy = Pick<Manifest['configuration'], 'stacks' | 'secrets'>

export const imagesSchema = z.array(z.object({container: z.string(), image: z.string(), digest: z.string()}))

/** What is running, by digest; looked at before the services go to zero, when nothing runs any more. */
export async function runningImages(containers: Containers, cluster: string): Promise<readonly RunningImage[]> {
  return [...(await containers.images(cluster))].sort((a, b) => (a.container < b.container ? -1 : 1))
}

/** Outputs of secrets: their values stay where they are, only which version was current is recorded. */
const secretOutputs = ['LicenceSecretArn', 'RegistrySecretArn', 'DatabaseSecretArn', 'DatabaseMasterSecretArn']

/**
 * Templates, kept under their hashes, and parameters of every stack. CloudFormation shows parameters that are secret as
 * asterisks, so none of them can get in here.
 */
export async function copyConfiguration(
  ports: Pick<Ports, 'stacks' | 'objects' | 'secrets'>,
  site: Site,
): Promise<ConfigurationCopy> {
  const stacks = await Promise.all(
    site.landscape.stacks.map(async ({id, name, outputs, parameters}) => ({
      part: partOf(site.environment, name) ?? '',
      name,
      id,
      version: outputs['TemplateVersion'] ?? '',
      template: await keepObject(
        ports.objects,
        site.recordsBucket,
        new TextEncoder().encode(await ports.stacks.template(id)),
      ),
      parameters: {...parameters},
    })),
  )
  const secrets = await Promise.all(
    secretOutputs.flatMap((name) => {
      const arn = site.outputs[name]
      return arn === undefined
        ? []
        : [ports.secrets.currentVersion(arn).then((versionId) => ({name, arn, versionId: versionId ?? ''}))]
    }),
  )
  return {stacks: stacks.sort((a, b) => (a.name < b.name ? -1 : 1)), secrets}
}
