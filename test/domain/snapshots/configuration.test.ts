import assert from 'node:assert/strict'
import {configurationChanges, environmentFileKeys, imageChanges} from '../../../src/domain/snapshots/configuration.ts'
import {goTogether, isAlone} from '../../../src/domain/snapshots/pair.ts'

const stack = (part: string, parameters: Record<string, string>) => ({
  part,
  name: `pi-demo-${part}`,
  id: part,
  version: '1',
  template: 'a'.repeat(64),
  parameters,
})

describe('the configuration of a set', () => {
  const cases: readonly [what: string, now: Record<string, string>, then: Record<string, string>, changed: string[]][] =
    [
      ['changes what differs', {ImageTag: 'new'}, {ImageTag: 'old'}, ['ImageTag']],
      ['leaves what is the same', {ImageTag: 'old'}, {ImageTag: 'old'}, []],
      ['leaves what the set does not know', {NewOne: 'x'}, {}, []],
      ['leaves what the template of today does not know', {}, {OldOne: 'x'}, []],
      [
        'leaves what says where data are',
        {FilesGeneration: '2', Quiesced: 'true'},
        {FilesGeneration: '1', Quiesced: 'false'},
        [],
      ],
      ['leaves what follows from other stacks', {DatabaseEndpoint: 'b'}, {DatabaseEndpoint: 'a'}, []],
      [
        'leaves artifacts of this version',
        {TemplatesUrl: 'b', FunctionKey: 'b'},
        {TemplatesUrl: 'a', FunctionKey: 'a'},
        [],
      ],
      ['leaves what nobody can read', {Password: '****', Other: 'x'}, {Password: 'x', Other: '****'}, []],
      ['lets storage grow', {MaxAllocatedStorage: '50'}, {MaxAllocatedStorage: '100'}, ['MaxAllocatedStorage']],
      ['does not let it shrink', {MaxAllocatedStorage: '100'}, {MaxAllocatedStorage: '50'}, []],
    ]
  for (const [what, now, then, changed] of cases) {
    it(what, () => {
      const set = {stacks: [stack('app', then)], images: [], secrets: []}
      const standing = [
        {part: 'app', name: 'pi-demo-app', parameters: now},
        {part: 'network', name: 'pi-demo-network', parameters: {NatMode: 'one'}},
      ]
      const found = configurationChanges(set, standing, new Set(['DatabaseEndpoint']))
      assert.deepEqual(
        found.flatMap(({changes}) => changes.map(({parameter}) => parameter)),
        changed,
      )
    })
  }

  it('names environment files by their keys, each once', () => {
    const arn = 'arn:aws:s3:::artifacts/environment/x/dashboard.env'
    const parameters = {
      DashboardEnvironmentFile: arn,
      RendererEnvironmentFile: arn,
      PiranaEnvironmentFile: 'arn:aws:s3:::elsewhere/p.env',
      SchedulerEnvironmentFile: '',
      Other: arn,
    }
    assert.deepEqual(environmentFileKeys(parameters, 'artifacts'), ['environment/x/dashboard.env'])
  })

  it('tells images by their digests', () => {
    const image = (container: string, digest: string) => ({container, image: 'i:1', digest})
    assert.deepEqual(
      imageChanges([image('a', '1'), image('b', '1'), image('c', '1')], [image('a', '1'), image('b', '2')]),
      [
        {container: 'b', now: 'i:1@2', set: 'i:1@1'},
        {container: 'c', now: '', set: 'i:1@1'},
      ],
    )
  })
})

describe('scopes of a restore', () => {
  it('go together only where they are halves', () => {
    assert.ok(
      goTogether([]) && goTogether(['database', 'files']) && goTogether(['assets']) && goTogether(['files', 'files']),
    )
    assert.ok(!goTogether(['assets', 'files']) && !goTogether(['assets', 'configuration']))
    assert.ok(isAlone(['assets'], 'assets') && !isAlone([], 'assets') && !isAlone(['files'], 'configuration'))
  })
})
