// `npm start`: from a fresh clone to the whole stack on the embedded AWS. Plain JavaScript for any Node from 18 on.
import {join} from 'node:path'
import {bootstrap, build, must} from './bootstrap.js'

/** How slow the embedded AWS is, as a part of real AWS: enough to watch, under a minute in all. */
const pace = '0.02'

/** The command lines of `npm start`, one after the other; each ends well when there is nothing left to do. */
const steps = [
  ['local', 'start', '--pace', pace],
  ['deploy', 'demo', '--local', '--yes'],
  ['status', 'demo', '--local'],
  ['datasheet', 'demo', '--local'],
]

bootstrap(import.meta.url, process.argv.slice(2))
build()
for (const step of steps) must(process.execPath, [join('bin', 'run.js'), ...step])
