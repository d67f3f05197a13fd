import assert from 'node:assert/strict'
import {keepTag, requireWritable} from '../../../src/flows/upgrade/keep-tag.ts'
import type {TagFiles} from '../../../src/flows/upgrade/options.ts'
import {demo, refusal} from '../../domain/samples.ts'

const path = 'pi-aws.yaml'

function memory(text: string | undefined, writable = true) {
  const file = {text}
  const port: TagFiles = {
    read: async () => file.text,
    update: async (_path, edit) => {
      const next = edit(file.text)
      const changed = next !== file.text
      file.text = next
      return {changed, text: next}
    },
    isWritable: async () => writable,
  }
  return {file, port}
}

describe('the tag in pi-aws.yaml', () => {
  const bare = 'version: 1\nenvironments:\n  demo: {region: eu-west-1}\n'

  it('is put where there was none, replaced where there was one, and taken out again', async () => {
    const {file, port} = memory(bare)
    assert.equal(await keepTag(port, path, demo, '2026_11'), undefined)
    assert.match(file.text ?? '', /tag: ['"]?2026_11/)
    assert.equal(await keepTag(port, path, demo, '2026_12'), '2026_11')
    assert.equal(await keepTag(port, path, demo, undefined), '2026_12')
    assert.doesNotMatch(file.text ?? '', /tag/)
  })

  it('is left as it is where it is right already, to the byte', async () => {
    const text = 'version: 1\nenvironments:\n  demo:   {region: eu-west-1,images: {tag:   "2026_11"}}\n'
    const {file, port} = memory(text)
    assert.equal(await keepTag(port, path, demo, '2026_11'), '2026_11')
    assert.equal(file.text, text)
  })

  it('of all environments stays, and the one of this environment goes before it', async () => {
    const {file, port} = memory(
      `version: 1\ndefaults: {images: {tag: '2026_10'}}\n${bare.slice('version: 1\n'.length)}`,
    )
    assert.equal(await keepTag(port, path, demo, '2026_11'), undefined)
    assert.match(file.text ?? '', /defaults: \{images: \{tag: '2026_10'\}\}[^]*2026_11/)
  })

  it('that looks like a number is written as a text', async () => {
    const {file, port} = memory(bare)
    await keepTag(port, path, demo, '1.10')
    assert.match(file.text ?? '', /['"]1\.10['"]/)
  })

  it('cannot be kept without a file, or in one that nobody may write', async () => {
    await assert.rejects(keepTag(memory(undefined).port, path, demo, '2026_11'), refusal('CONFIGURATION_NOT_FOUND'))
    await assert.rejects(
      requireWritable(memory(bare, false).port, path, demo, '2026_11'),
      refusal('CONFIGURATION_UNWRITABLE'),
    )
    await requireWritable(memory(bare).port, path, demo, '2026_11')
  })
})
