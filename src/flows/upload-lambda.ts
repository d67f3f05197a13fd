import type {EnvironmentName} from '../domain/names.ts'
import {functionKey} from './deploy/uploads.ts'
import {mergedOutputs, neededOutput, readLandscape, recordsBucketOf} from './landscape.ts'
import type {Ports} from './ports.ts'

export interface UploadLambdaResult {
  readonly environment: string
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** False when these very bytes lay there already. */
  readonly changed: boolean
}

/** Puts the built side-load function into the artifacts bucket under its content's hash. */
export async function uploadLambda(
  options: {readonly environment: EnvironmentName},
  ports: Pick<Ports, 'stacks' | 'objects' | 'packageFiles'>,
): Promise<UploadLambdaResult> {
  const landscape = await readLandscape(ports, options.environment)
  recordsBucketOf(landscape)
  const bucket = neededOutput(mergedOutputs(landscape), 'ArtifactsBucket')
  const zip = await ports.packageFiles.lambdaZip()
  const key = functionKey(zip)
  const present = await ports.objects.head(bucket, key)
  if (present === undefined) await ports.objects.put(bucket, key, zip, 'application/zip')
  return {environment: options.environment, bucket, key, size: zip.byteLength, changed: present === undefined}
}
