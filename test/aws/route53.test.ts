import assert from 'node:assert/strict'
import {GetHostedZoneCommand, Route53Client} from '@aws-sdk/client-route-53'
import {mockClient} from 'aws-sdk-client-mock'
import {createHostedZones} from '../../src/aws/route53.ts'
import {config, sdkError} from './sdk.ts'

describe('hosted zones of Route 53', () => {
  const mock = mockClient(Route53Client)
  const zones = createHostedZones(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('have a bare id and a domain without the last dot', async () => {
    mock.on(GetHostedZoneCommand, {Id: 'Z1'}).resolves({
      HostedZone: {Id: '/hostedzone/Z1', Name: 'example.com.', CallerReference: 'x', Config: {PrivateZone: false}},
      DelegationSet: {NameServers: ['ns-1.example.net']},
    })
    assert.deepEqual(await zones.zone('Z1'), {
      id: 'Z1',
      domain: 'example.com',
      private: false,
      nameServers: ['ns-1.example.net'],
    })
    mock.on(GetHostedZoneCommand, {Id: 'Z2'}).resolves({
      HostedZone: {Id: 'Z2', Name: 'home.', CallerReference: 'x', Config: {PrivateZone: true}},
    })
    assert.deepEqual(await zones.zone('Z2'), {id: 'Z2', domain: 'home', private: true, nameServers: []})
  })

  it('are nothing where there is none', async () => {
    mock.rejects(sdkError('NoSuchHostedZone'))
    assert.equal(await zones.zone('Z1'), undefined)
  })
})
