import {defineConfig} from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Words that say nothing: what is put there is put nowhere. */
const drawers = /(^|[\\/])src[\\/](.*[\\/])?(utils?|common|helpers?|misc|shared)([\\/]|\.ts$)/

const house = {
  rules: {
    'no-drawers': {
      meta: {
        type: 'suggestion',
        schema: [],
        messages: {drawer: 'Name the folder after what it holds, not "{{name}}".'},
      },
      create: (context) => ({
        Program(node) {
          const name = drawers.exec(context.filename)?.[3]
          if (name !== undefined) context.report({node, messageId: 'drawer', data: {name}})
        },
      }),
    },
  },
}

const builtinErrors = '/^(Error|TypeError|RangeError|SyntaxError|ReferenceError|EvalError|URIError|AggregateError)$/'

const bareErrors = ['NewExpression', 'CallExpression'].map((node) => ({
  selector: `${node}[callee.name=${builtinErrors}]`,
  message: 'Make it a class with a stable code: src/domain/errors.ts.',
}))

const processExit = {
  selector: 'CallExpression[callee.object.name="process"][callee.property.name=/^(exit|reallyExit|abort)$/]',
  message: 'Set process.exitCode and return: only bin/ ends the process.',
}

/** What one system has and another has not: macOS, Linux and Windows run the same sources. */
const oneSystem = [
  {
    selector: 'Property[key.name="shell"][value.value=true]',
    message: 'No shell: its words mean something else on the next system.',
  },
  {
    selector: 'ImportDeclaration[source.value=/child_process$/] > ImportSpecifier[imported.name=/^exec(Sync)?$/]',
    message: 'exec runs a shell: spawn the program with its words.',
  },
  {
    selector: 'Literal[value=/^\\/(tmp|usr|etc|home|var|dev|opt)\\//]',
    message: 'Not every system has this folder: ask node:os, or src/host/paths.ts.',
  },
  {
    selector: 'MemberExpression[property.name="pathname"][object.callee.name="URL"]',
    message: 'A path of a URL is no path of a file: use fileURLToPath, or import.meta.dirname.',
  },
]

/** Time and chance come through ports, so that a test can choose them. */
const hidden = [
  {selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Take the time from the Clock port.'},
  {selector: 'CallExpression[callee.name="Date"]', message: 'Take the time from the Clock port.'},
  {
    selector: 'MemberExpression[object.name="Date"][property.name="now"]',
    message: 'Take the time from the Clock port.',
  },
  {selector: 'MemberExpression[object.name="Math"][property.name="random"]', message: 'Take chance from a port.'},
]

const machineGlobals = [
  'process',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance',
  'crypto',
  'fetch',
].map((name) => ({name, message: 'Flows and domain reach the machine through ports only.'}))

const machineGlobalsByDetour = machineGlobals.map(({name}) => ({
  object: 'globalThis',
  property: name,
  message: 'Flows and domain reach the machine through ports only.',
}))

const hashOnly = {
  paths: [
    {name: 'node:crypto', allowImportNames: ['createHash'], message: 'Only hashing is pure: chance comes from a port.'},
  ],
}

export default defineConfig(
  {ignores: ['node_modules/', 'dist/', 'coverage/', 'templates/', 'local-aws/', '**/.venv/', 'test/house/fixtures/']},
  {linterOptions: {reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error'}},
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {parserOptions: {projectService: true}},
    plugins: {house},
    rules: {
      eqeqeq: 'error',
      'no-constant-condition': 'error',
      'no-fallthrough': 'error',
      'no-template-curly-in-string': 'off',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', {max: 300, skipBlankLines: true, skipComments: true}],
      'house/no-drawers': 'error',
      'no-restricted-syntax': ['error', processExit],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        {fixStyle: 'inline-type-imports', disallowTypeAnnotations: false},
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      // A literal that widens by itself is still worth its annotation where it documents a port.
      '@typescript-eslint/no-inferrable-types': 'off',
      // `type` names unions and functions, `interface` objects; both read well where they stand.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // A port's fake and an adapter's early answer are async by contract, not because they wait.
      '@typescript-eslint/require-await': 'off',
      // An empty variable of the environment counts as unset: there `||` is meant.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', {ignorePrimitives: {string: true}}],
      '@typescript-eslint/no-misused-spread': ['error', {allow: ['string']}],
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_'}],
      // Non-null assertions are banned outside tests, so nothing may ask for one.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // `void` marks a promise that is meant to run by itself; a shorthand arrow that returns void reads well.
      '@typescript-eslint/no-confusing-void-expression': ['error', {ignoreArrowShorthand: true}],
      // noPropertyAccessFromIndexSignature asks for the brackets that this rule would remove.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'lambda/**/*.ts', 'sigv4/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', processExit, ...bareErrors, ...oneSystem],
    },
  },
  {
    files: ['src/aws/**/*.ts'],
    rules: {'no-console': 'error'},
  },
  {
    files: ['src/domain/**/*.ts', 'src/flows/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', ...machineGlobals],
      'no-restricted-properties': ['error', ...machineGlobalsByDetour],
      'no-restricted-syntax': ['error', processExit, ...bareErrors, ...oneSystem, ...hidden],
      'no-restricted-imports': ['error', hashOnly],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // A test that got an undefined fails by it, which is what it is for.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Fakes are plain objects of functions.
      '@typescript-eslint/unbound-method': 'off',
      // What a second pair of eyes reads (answers of the SDK, JSON of the command line) is doubted whatever its type says.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Tables of cases outgrow files of code.
      'max-lines': ['error', {max: 500, skipBlankLines: true, skipComments: true}],
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: {ecmaVersion: 2022},
    rules: {eqeqeq: 'error', 'no-undef': 'off', 'no-var': 'error', 'prefer-const': 'error', 'no-unused-vars': 'error'},
  },
  {
    // Parsed as the language of Node 14, which must still read this file to say that it is too old.
    files: ['bin/**/*.js'],
    languageOptions: {ecmaVersion: 2020},
  },
)
