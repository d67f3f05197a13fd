// `npm run generate`: makes every file again that is made from others and kept in git. With `goldens`, only the goldens;
// with `transcript`, what the README shows of a failed deployment, which needs the embedded AWS.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {build, filesUnder, must, ownEnvironment, root, stop} from './bootstrap.js'

/** The tests that hold a text against a golden file: those that ask for it by its import. */
const goldenTests = filesUnder(['test']).filter(
  (file) => file.endsWith('.test.ts') && readFileSync(join(root, file), 'utf8').includes('/helpers/golden.ts'),
)
if (goldenTests.length === 0) stop('no test imports test/helpers/golden.ts: goldens cannot be made again')

const goldens = ['node_modules/mocha/bin/mocha.js', '--reporter', 'dot', ...goldenTests]
const transcript = ['node_modules/mocha/bin/mocha.js', '--no-config', 'test/e2e/transcript.test.ts']
const only = {goldens, transcript}
const [wanted] = Object.keys(only).filter((word) => process.argv.includes(word))
const steps = wanted === undefined ? [['scripts/generate.ts'], goldens] : [only[wanted]]

build()
for (const step of steps) {
  must(process.execPath, [join(...step[0].split('/')), ...step.slice(1)], {...ownEnvironment(), UPDATE_GOLDENS: '1'})
}
