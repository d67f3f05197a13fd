// `npm run generate`: makes every file again that is made from others and kept in git.
import {join} from 'node:path'
import {build, must, ownEnvironment} from './bootstrap.js'

const mocha = ['node_modules/mocha/bin/mocha.js', '--reporter', 'dot', '--ignore', 'test/{e2e,faults,templates}/**']

const steps = [['scripts/generate.ts'], [...mocha, '--ignore', 'test/**/fixtures/**', 'test/**/*.test.ts']]

build()
for (const step of steps) {
  must(process.execPath, [join(...step[0].split('/')), ...step.slice(1)], {...ownEnvironment(), UPDATE_GOLDENS: '1'})
}
