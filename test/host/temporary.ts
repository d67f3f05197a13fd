import {mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Call inside `describe`: each test has its own folder, removed after it. Returns a function that gives its path. */
export function temporaryFolder(): () => string {
  let folder = ''
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'pi-aws-test-')))
  })
  afterEach(() => rmSync(folder, {recursive: true, force: true}))
  return () => folder
}
