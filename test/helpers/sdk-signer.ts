import {S3Client} from '@aws-sdk/client-s3'

/** The SDK's own signer of S3 requests, to hold ours against. */
export function sdkSigner(
  region: string,
  credentials: {readonly accessKeyId: string; readonly secretAccessKey: string},
) {
  const scheme = {
    name: 'sigv4',
    signingName: 's3',
    signingRegion: region,
    disableDoubleEncoding: true,
    properties: {},
  }
  return new S3Client({region, credentials}).config.signer(scheme)
}
