import * as z from 'zod'
import {partOf} from '../../domain/landscape.ts'
import {environmentFileKeys} from '../../domain/snapshots/configuration.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import type {Containers, Ports, RunningImage} from '../ports.ts'
import {keepObject} from './capture-assets.ts'
import type {Site} from './site.ts'

export type ConfigurationCopy = Pick<Manifest['configuration'], 'stacks' | 'secrets' | 'environmentFiles'>

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
  const environmentFiles = await copyEnvironmentFiles(ports.objects, site)
  return {
    stacks: stacks.sort((a, b) => (a.name < b.name ? -1 : 1)),
    secrets,
    ...(environmentFiles.length === 0 ? {} : {environmentFiles}),
  }
}

/** Files that services read their variables from. One that is gone is gone for the platform too. */
async function copyEnvironmentFiles(
  objects: Ports['objects'],
  {app, outputs, recordsBucket}: Site,
): Promise<{readonly key: string; readonly content: string}[]> {
  const bucket = outputs['ArtifactsBucket'] ?? ''
  const files = await Promise.all(
    environmentFileKeys(app.parameters, bucket).map(async (key) => {
      const found = await objects.get(bucket, key)
      return found === undefined ? [] : [{key, content: await keepObject(objects, recordsBucket, found.body)}]
    }),
  )
  return files.flat()
}
