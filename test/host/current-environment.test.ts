import assert from 'node:assert/strict'
import {mkdirSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {currentEnvironment} from '../../src/host/current-environment.ts'
import {temporaryFolder} from './temporary.ts'

describe('the chosen environment', () => {
  const folder = temporaryFolder()

  it('is kept for each file by itself, and taken back', async () => {
    const chosen = currentEnvironment(join(folder(), 'state'))
    const [one, two] = [join(folder(), 'one.yaml'), join(folder(), 'two.yaml')]
    assert.equal(await chosen.read(one), undefined)
    await chosen.write(one, 'prod')
    await chosen.write(two, 'demo')
    assert.deepEqual([await chosen.read(one), await chosen.read(two)], ['prod', 'demo'])
    await chosen.write(one, undefined)
    await chosen.write(one, undefined)
    assert.deepEqual([await chosen.read(one), await chosen.read(two)], [undefined, 'demo'])
    assert.deepEqual(readdirSync(folder()), ['state'])
  })

  it('is that of the file, whatever link leads to it', async () => {
    const chosen = currentEnvironment(join(folder(), 'state'))
    const [file, link] = [join(folder(), 'pi-aws.yaml'), join(folder(), 'link.yaml')]
    writeFileSync(file, '')
    symlinkSync(file, link)
    await chosen.write(link, 'prod')
    assert.equal(await chosen.read(file), 'prod')
  })

  it('is none where what is kept cannot be read', async () => {
    const state = join(folder(), 'state')
    const chosen = currentEnvironment(state)
    const file = join(folder(), 'pi-aws.yaml')
    await chosen.write(file, 'prod')
    const [kept = ''] = readdirSync(join(state, 'environments'))
    for (const text of ['', '{', 'null', '{"environment": 3}']) {
      writeFileSync(join(state, 'environments', kept), text)
      assert.equal(await chosen.read(file), undefined)
    }
    mkdirSync(join(folder(), 'x'))
    assert.equal(await currentEnvironment(join(folder(), 'x')).read(file), undefined)
  })
})
