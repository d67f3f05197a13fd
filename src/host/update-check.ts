// A program of its own, started by what tells updates and outliving it: asks npm for the newest version.
import {readFileSync} from 'node:fs'
import {askNpm} from './updates.ts'

const [cache] = process.argv.slice(2)
const {version} = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {version: string}
if (cache !== undefined) await askNpm(cache, version, Date.now()).catch(() => undefined)
