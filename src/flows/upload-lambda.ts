import {zipLimit} from '../domain/function-zip.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {functionKey} from './deploy/uploads.ts'
import {checkFunctionZip} from './function-zip/check.ts'
import {chooseFunction} from './function-zip/own.ts'
import type {FunctionZips} from './function-zip/ports.ts'
import {mergedOutputs, neededOutput, readLandscape, recordsBucketOf} from './landscape.ts'
import type {Ports} from './ports.ts'

export interface UploadLambdaOptions {
  readonly environment: EnvironmentName
  /** The operator's own ZIP; without it the one that ships with pi-aws. */
  readonly file?: string | undefined
}

export interface UploadLambdaResult {
  readonly environment: string
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** False when these very bytes lay there already, and were chosen. */
  readonly changed: boolean
  /** Whether it is the function that ships with pi-aws. Whichever it is, `deploy` takes it from now on. */
  readonly builtIn: boolean
}

/**
 * Checks the built side-load function, or a ZIP of the operator's, and puts it into the artifacts bucket under its content's
 * hash. It is the one that every later deploy takes, until another one is uploaded.
 * @throws UsageError BAD_FUNCTION_ZIP; NotFoundError ZIP_NOT_FOUND, LAMBDA_NOT_BUILT; RefusedError NO_FOUNDATION
 */
export async function uploadLambda(
  {environment, file}: UploadLambdaOptions,
  ports: Pick<Ports, 'stacks' | 'objects' | 'packageFiles' | 'clock'> & {readonly functionZips: FunctionZips},
): Promise<UploadLambdaResult> {
  const {functionZips} = ports
  const zip = file === undefined ? await ports.packageFiles.lambdaZip() : await functionZips.read(file, zipLimit)
  await checkFunctionZip(file === undefined ? 'the built-in zip' : JSON.stringify(file), zip, functionZips)
  const landscape = await readLandscape(ports, environment)
  recordsBucketOf(landscape)
  const bucket = neededOutput(mergedOutputs(landscape), 'ArtifactsBucket')
  const key = functionKey(zip)
  const present = await ports.objects.head(bucket, key)
  if (present === undefined) await ports.objects.put(bucket, key, zip, 'application/zip')
  const chosen = await chooseFunction(ports, bucket, file === undefined ? undefined : {key, size: zip.byteLength})
  const changed = present === undefined || chosen
  return {environment, bucket, key, size: zip.byteLength, changed, builtIn: file === undefined}
}
