import {ACMClient, KeyAlgorithm, paginateListCertificates} from '@aws-sdk/client-acm'
import {KMSClient, paginateListGrants, paginateListKeys} from '@aws-sdk/client-kms'
import {paginateListSecrets, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {type Attach, limitedClient} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'
import {folded, type Listers, ofEach, one} from './lists.ts'

export function secretLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new SecretsManagerClient(config), attach)
  return {
    // Secrets that wait for their deletion count until it comes.
    secrets: () =>
      folded(paginateListSecrets({client, pageSize: 100}, {IncludePlannedDeletion: true}), ({SecretList = []}) =>
        SecretList.map(({ARN}) => one(ARN)),
      ),
  }
}

export function keyLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new KMSClient(config), attach)
  return {
    keys: () =>
      folded(paginateListKeys({client, pageSize: 1000}, {}), ({Keys = []}) => Keys.map(({KeyId}) => one(KeyId))),
    grants: (parents) =>
      ofEach(parents, (parent) =>
        folded(paginateListGrants({client, pageSize: 100}, {KeyId: parent}), ({Grants = []}) =>
          Grants.map(({GrantId}) => one(GrantId, parent)),
        ),
      ),
  }
}

export function certificateLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new ACMClient(config), attach)
  return {
    certificates: () =>
      folded(
        // Without this filter only certificates with RSA keys of two sizes are listed.
        paginateListCertificates({client, pageSize: 1000}, {Includes: {keyTypes: Object.values(KeyAlgorithm)}}),
        ({CertificateSummaryList = []}) => CertificateSummaryList.map(({CertificateArn}) => one(CertificateArn)),
      ),
  }
}
