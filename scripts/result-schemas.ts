import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import ts from 'typescript'

/** A JSON Schema, as far as results need it. */
export type JsonSchema = Readonly<Record<string, unknown>>

const draft = 'https://json-schema.org/draft/2020-12/schema'

/** The program over some source files, with the project's own settings. */
function programOf(root: string, files: readonly string[]): ts.Program {
  const {config} = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: {compilerOptions: object}
  }
  const {options} = ts.convertCompilerOptionsFromJson({...config.compilerOptions, types: ['node']}, root)
  return ts.createProgram([...files], {...options, noEmit: true})
}

/** The words above a declaration; the first of several declarations that has some. */
function wordsOf(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): {readonly description?: string} {
  const text = ts
    .displayPartsToString(symbol?.getDocumentationComment(checker))
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
  return text === '' ? {} : {description: text}
}

/** The compiler orders the members of a union by when it saw them: we sort, so that equal types give equal bytes. */
function byText(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : 1
}

/** Turns TypeScript types into JSON Schemas. What JSON cannot say is an error: a result holds plain data only. */
class SchemaWriter {
  readonly #checker: ts.TypeChecker

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  schemaOf(type: ts.Type): JsonSchema {
    const {flags} = type
    if (flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any)) return {}
    if (flags & ts.TypeFlags.Null) return {type: 'null'}
    if (type.isStringLiteral() || type.isNumberLiteral()) return {const: type.value}
    if (flags & ts.TypeFlags.BooleanLiteral) return {const: this.#checker.typeToString(type) === 'true'}
    if (flags & ts.TypeFlags.StringLike) return {type: 'string'}
    if (flags & ts.TypeFlags.NumberLike) return {type: 'number'}
    if (flags & ts.TypeFlags.BooleanLike) return {type: 'boolean'}
    if (type.isUnion()) return this.#union(type)
    if (type.isIntersection()) return this.#intersection(type)
    return this.#object(type)
  }

  #union(type: ts.UnionType): JsonSchema {
    const kinds = type.types.filter((each) => !(each.flags & ts.TypeFlags.Undefined))
    const [only] = kinds
    if (kinds.length === 1 && only !== undefined) return this.schemaOf(only)
    if (kinds.every((each) => each.flags & ts.TypeFlags.BooleanLiteral)) return {type: 'boolean'}
    if (kinds.every((each) => each.isStringLiteral() || each.isNumberLiteral())) {
      return {enum: kinds.map((each) => (each as ts.LiteralType).value).sort(byText)}
    }
    return {
      anyOf: kinds.map((each) => this.schemaOf(each)).sort((a, b) => byText(JSON.stringify(a), JSON.stringify(b))),
    }
  }

  /** A branded text or number is that text or number; other intersections are one object. */
  #intersection(type: ts.IntersectionType): JsonSchema {
    const plain = type.types.find((each) => each.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike))
    return plain === undefined ? this.#object(type) : this.schemaOf(plain)
  }

  #object(type: ts.Type): JsonSchema {
    if (this.#checker.isArrayLikeType(type)) {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference)
      return {type: 'array', items: item === undefined ? {} : this.schemaOf(item)}
    }
    const properties = this.#checker.getPropertiesOfType(type)
    const index = this.#checker.getIndexTypeOfType(type, ts.IndexKind.String)
    if (properties.length === 0 && index !== undefined)
      return {type: 'object', additionalProperties: this.schemaOf(index)}
    const optional = new Set(properties.filter((each) => each.flags & ts.SymbolFlags.Optional))
    const required = properties.filter((each) => !optional.has(each)).map(({name}) => name)
    return {
      type: 'object',
      properties: Object.fromEntries(
        properties.map((each) => [
          each.name,
          {...wordsOf(each, this.#checker), ...this.schemaOf(this.#checker.getTypeOfSymbol(each))},
        ]),
      ),
      ...(required.length === 0 ? {} : {required}),
    }
  }
}

/** The result type of a command: what its `this.perform(...)` is typed with. */
function resultTypes(file: ts.SourceFile, checker: ts.TypeChecker): readonly ts.Type[] {
  const found: ts.Type[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.name.text === 'perform'
    ) {
      const performance = checker.getResolvedSignature(node)?.getParameters()[1]
      const type = performance === undefined ? undefined : checker.getTypeOfSymbolAtLocation(performance, node)
      const [result] = type?.aliasTypeArguments ?? checker.getTypeArguments(type as ts.TypeReference)
      if (result !== undefined) found.push(result)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function whole(title: string, id: string, schema: JsonSchema): JsonSchema {
  return {$schema: draft, $id: `${id}.schema.json`, title, ...schema}
}

/** The result object with the version of its form, which every JSON output carries. */
function versioned(schema: JsonSchema): JsonSchema {
  const {properties, required} = schema as {readonly properties?: object; readonly required?: readonly string[]}
  if (properties === undefined)
    return {allOf: [{properties: {schemaVersion: {const: 1}}, required: ['schemaVersion']}, schema]}
  return {
    ...schema,
    properties: {schemaVersion: {const: 1}, ...properties},
    required: ['schemaVersion', ...(required ?? [])],
  }
}

/**
 * The JSON Schemas of everything that commands print as JSON, read off the types that they return.
 * @param commands id of each command -> its source file below `root`
 * @returns name without ending -> schema
 */
export function resultSchemas(root: string, commands: ReadonlyMap<string, string>): ReadonlyMap<string, JsonSchema> {
  const events = join(root, 'src', 'flows', 'events.ts')
  const errors = join(root, 'src', 'ui', 'format', 'error.ts')
  const program = programOf(root, [...[...commands.values()].map((file) => join(root, file)), events, errors])
  const checker = program.getTypeChecker()
  const writer = new SchemaWriter(checker)
  const schemas = new Map<string, JsonSchema>()
  for (const [id, file] of commands) {
    const source = program.getSourceFile(join(root, file))
    const [result, ...others] = source === undefined ? [] : resultTypes(source, checker)
    if (result === undefined || others.length > 0)
      throw new TypeError(`${file} does not call this.perform exactly once`)
    const name = id.replaceAll(':', '-')
    schemas.set(name, whole(`pi-aws ${id.replaceAll(':', ' ')} --json`, name, versioned(writer.schemaOf(result))))
  }
  const exported = (path: string, name: string): ts.Type => {
    const source = program.getSourceFile(path)
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
    const symbol =
      module === undefined ? undefined : checker.getExportsOfModule(module).find((each) => each.name === name)
    if (symbol === undefined) throw new TypeError(`${path} exports no ${name}`)
    return checker.getDeclaredTypeOfSymbol(symbol)
  }
  schemas.set(
    'error',
    whole('Any pi-aws command --json that fails', 'error', writer.schemaOf(exported(errors, 'ErrorJson'))),
  )
  schemas.set(
    'event',
    whole('One line of --output ndjson before the last', 'event', writer.schemaOf(exported(events, 'FlowEvent'))),
  )
  return schemas
}
