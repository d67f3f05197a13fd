import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {check, getFileInfo, resolveConfig} from 'prettier'
import {fixtures, root, shippedFiles} from './project.ts'

describe('the format', () => {
  it('rejects the bad fixture', async () => {
    const file = join(fixtures, 'format/bad.ts')
    const options = await resolveConfig(file, {editorconfig: true})
    const source = await readFile(file, 'utf8')
    assert.equal(await check(source, {...options, filepath: file}), false)
    assert.equal(await check("export const value = {double: 'quotes'}\n", {...options, filepath: file}), true)
  })

  it('looks at every file that ships', async () => {
    for (const file of shippedFiles()) {
      const info = await getFileInfo(join(root, file), {ignorePath: join(root, '.prettierignore')})
      assert.deepEqual([file, info.ignored, info.inferredParser], [file, false, 'typescript'])
    }
  })
})
