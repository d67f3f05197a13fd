import assert from 'node:assert/strict'
import fc from 'fast-check'
import {evaluate, listOf, type Scope, textOf} from '../../src/domain/expression.ts'
import {expand, type ExpansionContext, templatesUrl} from '../../src/domain/expansion.ts'
import {parseTemplate, type Template} from '../../src/domain/template.ts'
import {packageTemplates, refusal} from './samples.ts'

/** A value of a resource's property, as the parser reads it. */
function property(yaml: string): unknown {
  return parseTemplate(`Resources: {R: {Type: T, Properties: {P: ${yaml}}}}`).Resources['R']?.Properties?.['P']
}

describe('the template parser', () => {
  for (const [yaml, value] of [
    ['!Ref A', {Ref: 'A'}],
    ['!Condition A', {Condition: 'A'}],
    ['!Sub "x-${A}"', {'Fn::Sub': 'x-${A}'}],
    ['!Sub ["${A}", {A: !Ref B}]', {'Fn::Sub': ['${A}', {A: {Ref: 'B'}}]}],
    ['!GetAtt A.Outputs.B', {'Fn::GetAtt': ['A', 'Outputs.B']}],
    ['!GetAtt [A, B]', {'Fn::GetAtt': ['A', 'B']}],
    ['!If [C, !Ref A, !Ref "AWS::NoValue"]', {'Fn::If': ['C', {Ref: 'A'}, {Ref: 'AWS::NoValue'}]}],
    ['!Select [0, !Split [",", !Ref A]]', {'Fn::Select': [0, {'Fn::Split': [',', {Ref: 'A'}]}]}],
    ['!Transform {Name: x}', {'Fn::Transform': {Name: 'x'}}],
    ["{'Fn::Sub': x}", {'Fn::Sub': 'x'}],
    ['!Base64 {"Fn::Sub": x}', {'Fn::Base64': {'Fn::Sub': 'x'}}],
  ] as const) {
    it(`reads ${yaml}`, () => assert.deepEqual(property(yaml), value))
  }

  it('reads nested short forms as it reads long ones', () => {
    const long = "{'Fn::Join': ['-', [{Ref: A}, {'Fn::GetAtt': [B, C]}, {'Fn::If': [D, {Ref: E}, x]}]]}"
    assert.deepEqual(property('!Join ["-", [!Ref A, !GetAtt B.C, !If [D, !Ref E, x]]]'), property(long))
  })

  it('gives every section, also where a template has none', () => {
    assert.deepEqual(parseTemplate('Description: x'), {
      Description: 'x',
      Parameters: {},
      Mappings: {},
      Conditions: {},
      Resources: {},
      Outputs: {},
    })
    assert(!('Description' in parseTemplate('Resources: {}')))
  })

  it('reads every template of the package, leaving no short form behind', () => {
    for (const [name, template] of packageTemplates()) {
      assert(Object.keys(template.Resources).length > 0, name)
      assert.deepEqual(Object.keys(template.Outputs).slice(0, 2), ['TemplateId', 'TemplateVersion'], name)
      assert.equal(template.Outputs['TemplateId']?.Value, name)
      assert.doesNotMatch(JSON.stringify(template.Resources), /"!(Ref|Sub|If|GetAtt|Join)/, name)
    }
  })
})

const scope: Scope = {
  ref: (name) => (name === 'AWS::NoValue' ? undefined : name === 'List' ? ['a', 'b'] : `ref ${name}`),
  attribute: (resource, attribute) => `${resource}.${attribute}`,
  condition: (name) => name === 'Yes',
  mapping: (map, first, second) => [map, first, second].join('/'),
}

describe('an expression', () => {
  for (const [why, expression, value] of [
    ['a plain value', 'x', 'x'],
    ['a number', 7, 7],
    ['nothing', null, null],
    ['a reference', {Ref: 'A'}, 'ref A'],
    ['an attribute', {'Fn::GetAtt': ['A', 'Outputs', 'B']}, 'A.Outputs.B'],
    ['an attribute in one word', {'Fn::GetAtt': 'A.B'}, 'A.B'],
    ['a condition that holds', {'Fn::If': ['Yes', 1, 2]}, 1],
    ['a condition that does not', {'Fn::If': ['No', 1, {Ref: 'B'}]}, 'ref B'],
    ['equal values', {'Fn::Equals': [{Ref: 'A'}, 'ref A']}, true],
    ['a number and its text', {'Fn::Equals': [2, '2']}, true],
    ['unequal values', {'Fn::Equals': ['a', 'b']}, false],
    ['a negation', {'Fn::Not': [{Condition: 'Yes'}]}, false],
    ['all of', {'Fn::And': [{Condition: 'Yes'}, {Condition: 'No'}]}, false],
    ['one of', {'Fn::Or': [{Condition: 'No'}, {Condition: 'Yes'}]}, true],
    ['a text that says true', {'Fn::Not': ['true']}, false],
    ['a substitution', {'Fn::Sub': 'x-${A}-${B.C}-${!D}'}, 'x-ref A-B.C-${D}'],
    ['a substitution with names of its own', {'Fn::Sub': ['${A}${X}', {X: {Ref: 'Y'}}]}, 'ref Aref Y'],
    ['a join', {'Fn::Join': ['-', [{Ref: 'A'}, 'b', {Ref: 'AWS::NoValue'}]]}, 'ref A-b'],
    ['a join of a list', {'Fn::Join': [',', {Ref: 'List'}]}, 'a,b'],
    ['a split', {'Fn::Split': [',', 'a,b']}, ['a', 'b']],
    ['a selection', {'Fn::Select': [1, {Ref: 'List'}]}, 'b'],
    ['a selection beyond the end', {'Fn::Select': ['5', ['a']]}, ''],
    ['a selection of a text', {'Fn::Select': [1, 'a,b']}, 'b'],
    ['a look into a mapping', {'Fn::FindInMap': ['Ports', {Ref: 'A'}, 'Port']}, 'Ports/ref A/Port'],
    ['subnets', {'Fn::Cidr': ['10.0.0.0/16', 2, 8]}, ['10.0.0.0/24', '10.0.1.0/24']],
    ['encoded text', {'Fn::Base64': {'Fn::Sub': '${A}'}}, 'ref A'],
    ['a function that is not known', {'Fn::ImportValue': 'x'}, {'Fn::ImportValue': 'x'}],
    ['an object without what is missing', {A: 1, B: {Ref: 'AWS::NoValue'}}, {A: 1}],
    ['a list without what is missing', [1, {Ref: 'AWS::NoValue'}, 2], [1, 2]],
    ['an empty object', {}, {}],
  ] as const) {
    it(`works out ${why}`, () => assert.deepEqual(evaluate(expression, scope), value))
  }

  it('leaves plain data as it is', () => {
    const plain = fc
      .jsonValue()
      .filter(
        (value) =>
          !JSON.stringify(value).includes('Ref') &&
          !JSON.stringify(value).includes('Condition') &&
          !JSON.stringify(value).includes('__proto__'),
      )
    fc.assert(fc.property(plain, (value) => assert.deepEqual(evaluate(value, scope), value)))
  })

  it('becomes text as CloudFormation joins it', () => {
    assert.deepEqual([undefined, null, 1, true, ['a', ['b']], {a: 1}].map(textOf), [
      '',
      '',
      '1',
      'true',
      'a,b',
      '{"a":1}',
    ])
    assert.deepEqual([listOf(''), listOf('a,b'), listOf(['a']), listOf(undefined)], [[], ['a', 'b'], ['a'], []])
  })
})

const parent = parseTemplate(`
Parameters: {Count: {Type: Number, Default: 2}, Names: {Type: CommaDelimitedList, Default: 'a,b'}, Url: {Type: String}}
Mappings: {Ports: {web: {Port: 80}}}
Conditions: {IsTwo: !Equals [!Ref Count, 2]}
Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub '\${Url}/child.yaml', Parameters: {Name: !Select [1, !Ref Names]}}}
  Once: {Type: T, Condition: IsTwo, Properties: {Port: !FindInMap [Ports, web, Port], Region: !Ref AWS::Region, Of: !GetAtt Child.Outputs.Name}}
  Never: {Type: T, Condition: NotThere}
  Other: {Type: T, Properties: {Child: !Ref Child, Arn: !GetAtt Once.Arn, None: !GetAtt Child.Outputs.Missing, No: !FindInMap [Ports, ssh, Port]}}
Outputs: {Name: {Value: !GetAtt Child.Outputs.Name}, Hidden: {Condition: NotThere, Value: x}}
`)
const child = parseTemplate(`
Parameters: {Name: {Type: String}}
Resources: {It: {Type: T, Properties: {Name: !Ref Name, Self: !Ref It}}}
Outputs: {Name: {Value: !Sub 'child \${Name}'}}
`)

function context(templates: Record<string, Template>): ExpansionContext {
  return {part: 'app', templates: new Map(Object.entries(templates)), pseudo: {'AWS::Region': 'eu-west-1'}}
}

describe('the expansion of a stack', () => {
  it('holds the resources of nested stacks, with the way to them', () => {
    const {resources, outputs} = expand('parent', {Url: templatesUrl}, context({parent, child}))
    assert.deepEqual(
      resources.map(({path, logicalId}) => [...path, logicalId].join('/')),
      ['Child', 'Child/It', 'Once', 'Other'],
    )
    assert.deepEqual(resources[1]?.properties, {Name: 'b', Self: 'app/Child/It'})
    assert.deepEqual(resources[2]?.properties, {Port: 80, Region: 'eu-west-1', Of: 'child b'})
    assert.deepEqual(resources[3]?.properties, {Child: 'app/Child', Arn: 'app/Once.Arn', None: ''})
    assert.deepEqual(outputs, {Name: 'child b'})
  })

  it('leaves out what its condition leaves out', () => {
    const {resources} = expand('parent', {Url: templatesUrl, Count: '3'}, context({parent, child}))
    assert(!resources.some(({logicalId}) => logicalId === 'Once'))
  })

  it('says which template is missing', () => {
    assert.throws(
      () => expand('parent', {Url: templatesUrl}, context({parent})),
      refusal('TEMPLATE_MISSING', /child\.yaml/),
    )
  })
})
