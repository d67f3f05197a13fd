import assert from 'node:assert/strict'
import {parameterProblems, problemOf} from '../../src/domain/parameter-rules.ts'
import {configuredParameters} from '../../src/domain/parameters.ts'
import {parts} from '../../src/domain/parts.ts'
import {presetNames} from '../../src/domain/presets.ts'
import type {TemplateParameter} from '../../src/domain/template.ts'
import {demo, environmentOf, packageTemplates} from './samples.ts'

const all = packageTemplates()
const templates = parts.map((part) => all.get(part)!)

describe('what a template says to a value', () => {
  for (const [declaration, value, message] of [
    [{Type: 'String'}, 'anything', undefined],
    [{Type: 'String', AllowedValues: ['a', 'b']}, 'c', /"c" is none of a, b/],
    [{Type: 'Number', AllowedValues: [2, 3]}, '2', undefined],
    [{Type: 'Number', MinValue: 2}, '1', /1 is less than 2/],
    [{Type: 'Number', MaxValue: 2}, '3', /3 is more than 2/],
    [{Type: 'Number', MinValue: 2, MaxValue: 2}, '2', undefined],
    [{Type: 'Number'}, '', /"" is not a number/],
    [{Type: 'Number'}, 'two', /"two" is not a number/],
    [{Type: 'String', MinLength: 2}, 'a', /shorter than 2/],
    [{Type: 'String', MaxLength: 2}, 'abc', /longer than 2/],
    [{Type: 'String', AllowedPattern: 'a|b'}, 'b', undefined],
    [{Type: 'String', AllowedPattern: 'a|b'}, 'ab', /"ab" does not fit$/],
    [{Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'An a.'}, 'b', /does not fit \(An a\)$/],
    [{Type: 'List<AWS::EC2::Subnet::Id>', AllowedPattern: 'a'}, 'b', undefined],
  ] as const satisfies readonly (readonly [TemplateParameter, string, RegExp | undefined])[]) {
    it(`is ${message === undefined ? 'nothing' : String(message)}, given ${JSON.stringify(declaration)} and "${value}"`, () => {
      const problem = problemOf(value, declaration)
      if (message === undefined) assert.equal(problem, undefined)
      else assert.match(problem ?? '', message)
    })
  }
})

describe('problems of parameters', () => {
  for (const preset of presetNames) {
    it(`are none with the preset ${preset}`, () => {
      assert.deepEqual(parameterProblems(templates, configuredParameters(demo, environmentOf({preset})), []), [])
    })
  }

  it('are values that a template refuses', () => {
    assert.deepEqual(
      parameterProblems(templates, {BackupRetentionDays: '99', Unknown: 'x'}, []).map(({name}) => name),
      ['BackupRetentionDays'],
    )
  })

  it('are names that no template has, with the nearest', () => {
    const [problem] = parameterProblems(templates, {}, ['BackupWindw'])
    assert.match(problem?.message ?? '', /nearest is BackupWindow$/)
  })

  for (const name of [
    'EnvironmentName',
    'TemplatesUrl',
    'KeyArn',
    'VpcId',
    'DatabaseEndpoint',
    'Quiesced',
    'SnapshotIdentifier',
    'FilesGeneration',
  ]) {
    it(`are names that are not the operator's to set: ${name}`, () => {
      assert.match(parameterProblems(templates, {}, [name])[0]?.message ?? '', /sets this parameter itself/)
    })
  }

  for (const name of ['BackupWindow', 'WafMode', 'MasterUsername', 'EnforcePosixUser']) {
    it(`are not names that the operator may set: ${name}`, () =>
      assert.deepEqual(parameterProblems(templates, {}, [name]), []))
  }
})
