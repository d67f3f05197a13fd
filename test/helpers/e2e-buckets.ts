import {GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client} from '@aws-sdk/client-s3'
import type {Embedded} from './e2e.ts'

/** Every object of every bucket, as `bucket/key` and its bytes as latin1: what is looked through for what must not be there. */
export async function objectTexts(cloud: Embedded): Promise<(readonly [place: string, text: string])[]> {
  const s3 = cloud.client(S3Client)
  const found: (readonly [string, string])[] = []
  const {Buckets = []} = await s3.send(new ListBucketsCommand({}))
  for (const {Name: Bucket} of Buckets) {
    const {Contents = []} = await s3.send(new ListObjectsV2Command({Bucket}))
    for (const {Key} of Contents) {
      const {Body} = await s3.send(new GetObjectCommand({Bucket, Key}))
      found.push([`${Bucket}/${Key}`, (await Body?.transformToString('latin1')) ?? ''])
    }
  }
  return found
}
