import {ACMClient, DescribeCertificateCommand} from '@aws-sdk/client-acm'
import type {Certificates} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import {present} from './present.ts'
import type {ClientConfig} from './settings.ts'

/** ACM by its API. */
export function createCertificates(config: ClientConfig): Certificates {
  const client = new ACMClient(config)
  return translateErrors<Certificates>({
    async describe(arn) {
      try {
        const {Certificate: found} = await client.send(new DescribeCertificateCommand({CertificateArn: arn}))
        if (found === undefined) return undefined
        const names = [found.DomainName, ...(found.SubjectAlternativeNames ?? [])].filter((name) => name !== undefined)
        return {
          arn: found.CertificateArn ?? arn,
          status: found.Status ?? '',
          names: [...new Set(names)],
          ...present({notAfter: found.NotAfter?.toISOString()}),
        }
      } catch (error) {
        if (isNamed(error, 'ResourceNotFound')) return undefined
        throw error
      }
    },
  })
}
