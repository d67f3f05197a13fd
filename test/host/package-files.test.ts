import assert from 'node:assert/strict'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {packageFiles} from '../../src/host/package-files.ts'
import {temporaryFolder} from './temporary.ts'

describe('the files of the package', () => {
  const root = temporaryFolder()
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(root(), name)), {recursive: true})
    writeFileSync(join(root(), name), text)
  }
  beforeEach(() => put('package.json', '{"name": "pi-aws", "version": "1.2.3"}'))

  it('bear the version of package.json', () => {
    assert.equal(packageFiles(root()).version, '1.2.3')
    const real = join(import.meta.dirname, '..', '..')
    const {version} = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8')) as {version: string}
    assert.equal(packageFiles(real).version, version)
    put('package.json', '{"name": "pi-aws"}')
    assert.throws(() => packageFiles(root()), {code: 'PACKAGE_INCOMPLETE'})
  })

  it('hold every template by its path, and nothing else', async () => {
    put('templates/network.yaml', 'a: 1\n')
    put('templates/app/service.yaml', 'b: ü\n')
    put('templates/README.md', '# Templates')
    assert.deepEqual(
      [...(await packageFiles(root()).templates())],
      [
        ['app/service.yaml', 'b: ü\n'],
        ['network.yaml', 'a: 1\n'],
      ],
    )
  })

  it('never pass for complete without templates', async () => {
    await assert.rejects(packageFiles(root()).templates(), {code: 'PACKAGE_INCOMPLETE'})
    put('templates/README.md', '# Templates')
    await assert.rejects(packageFiles(root()).templates(), {code: 'PACKAGE_INCOMPLETE'})
  })

  it('hold the built function, or say that it is not built', async () => {
    await assert.rejects(packageFiles(root()).lambdaZip(), {code: 'LAMBDA_NOT_BUILT', exitCode: 5})
    put('dist/lambda/sideload.zip', 'PK')
    assert.equal(Buffer.from(await packageFiles(root()).lambdaZip()).toString(), 'PK')
  })

  it('say so when the function cannot be read', async () => {
    mkdirSync(join(root(), 'dist/lambda/sideload.zip'), {recursive: true})
    await assert.rejects(packageFiles(root()).lambdaZip(), {code: 'PACKAGE_INCOMPLETE'})
  })
})
