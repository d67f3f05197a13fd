import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {environmentFiles} from '../../domain/environment-files.ts'
import {wantedZones} from '../../domain/parameters.ts'
import {type Landscape, mergedOutputs} from '../landscape.ts'
import type {Networks, Objects, PackageFiles} from '../ports.ts'
import {ownFunctionIn} from '../function-zip/own.ts'
import type {Surroundings} from './targets.ts'
import type {TemplateSet} from './templates.ts'
import {functionKey, templatesPrefix} from './uploads.ts'

/** Looks up what targets need to know of the region and of what is, or will be, uploaded. */
export async function survey(
  ports: {readonly networks: Networks; readonly objects: Objects; readonly packageFiles: PackageFiles},
  configuration: EnvironmentConfiguration,
  templates: TemplateSet,
  landscape: Landscape,
  partition: string,
): Promise<Surroundings> {
  const bucket = mergedOutputs(landscape)['ArtifactsBucket']
  const [zones, s3PrefixListId, zip, own] = await Promise.all([
    ports.networks.zones(),
    ports.networks.s3PrefixListId(),
    ports.packageFiles.lambdaZip(),
    bucket === undefined ? undefined : ownFunctionIn(ports, bucket),
  ])
  const wanted = wantedZones(configuration)
  return {
    templatesUrl: bucket === undefined ? undefined : ports.objects.url(bucket, templatesPrefix(templates)),
    functionKey: own?.key ?? functionKey(zip),
    ...(own === undefined ? {} : {ownFunction: own}),
    environmentFiles: environmentFiles(configuration),
    zones: typeof wanted === 'number' ? zones.slice(0, wanted) : wanted,
    s3PrefixListId,
    partition,
  }
}
