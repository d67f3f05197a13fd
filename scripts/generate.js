// `npm run generate`: makes every file again that is made from others and kept in git. With `goldens`, only the goldens.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {build, filesUnder, must, ownEnvironment, root, stop} from './bootstrap.js'

/** The tests that hold a text against a golden file: those that ask for it by its import. */
const goldenTests = filesUnder(['test']).filter(
  (file) => file.endsWith('.test.ts') && readFileSync(join(root, file), 'utf8').includes('/helpers/golden.ts'),
)
if (goldenTests.length === 0) stop('no test imports test/helpers/golden.ts: goldens cannot be made again')

const goldens = ['node_modules/mocha/bin/mocha.js', '--reporter', 'dot', ...goldenTests]
const steps = process.argv.includes('goldens') ? [goldens] : [['scripts/generate.ts'], goldens]

build()
for (const step of steps) {
  must(process.execPath, [join(...step[0].split('/')), ...step.slice(1)], {...ownEnvironment(), UPDATE_GOLDENS: '1'})
}
