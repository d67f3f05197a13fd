import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {packageRoot} from './e2e.ts'

/** A copy of the built package in which some files differ: the pi-aws of another day. */
export class PatchedPackage {
  readonly root: string

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'pi-aws-package-'))
    for (const name of ['bin', 'dist', 'templates', 'package.json', 'oclif.manifest.json', 'examples']) {
      cpSync(join(packageRoot, name), join(this.root, name), {recursive: true})
    }
    symlinkSync(join(packageRoot, 'local-aws'), join(this.root, 'local-aws'))
  }

  /** Changes the text of a file; fails when there is nothing to change. */
  patch(file: string, search: string | RegExp, replacement: string): this {
    const path = join(this.root, file)
    const text = readFileSync(path, 'utf8')
    const changed = text.replace(search, replacement)
    if (changed === text) throw new Error(`nothing to patch in ${file}: ${String(search)}`)
    writeFileSync(path, changed)
    return this
  }

  write(file: string, content: Uint8Array): this {
    writeFileSync(join(this.root, file), content)
    return this
  }

  remove(): void {
    rmSync(this.root, {recursive: true, force: true})
  }
}
