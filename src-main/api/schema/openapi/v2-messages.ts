/** Gnostic's protobuf messages of OpenAPI 2.0, written from the parts of a 3.0 document. The numbers are gnostic's. */
import type { WireWriter } from '../protobuf/wire-writer.ts'
import type { Content, JsonSchema, OperationItem, Parameter, PathItem } from './document.ts'

const methodNumbers = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const

/** `Paths.path`: a name and its PathItem. */
export function writePath(writer: WireWriter, path: string, item: PathItem): void {
  writer.nested(2, () => {
    writer.text(1, path)
    writer.nested(2, () => {
      for (const [method, number] of Object.entries(methodNumbers)) {
        const operation = item[method as keyof typeof methodNumbers]
        if (operation !== undefined) writer.nested(number, () => writeOperation(writer, operation))
      }
      for (const parameter of item.parameters ?? []) writeParameter(writer, 9, parameter)
    })
  })
}

function writeOperation(writer: WireWriter, operation: OperationItem): void {
  for (const tag of operation.tags) writer.text(1, tag)
  writer.text(5, operation.operationId)
  for (const type of producedBy(operation)) writer.text(6, type)
  const consumed = operation.requestBody?.content ?? {}
  for (const type of Object.keys(consumed)) writer.text(7, type)
  const [body] = Object.values(consumed)
  if (body !== undefined) {
    const required = operation.requestBody?.required === true
    writer.nested(8, () => writer.nested(1, () => writer.nested(1, () => writeBody(writer, body.schema, required))))
  }
  for (const parameter of operation.parameters ?? []) writeParameter(writer, 8, parameter)
  writer.nested(9, () => {
    for (const [code, response] of Object.entries(operation.responses)) writeResponse(writer, code, response)
  })
  writeExtensions(writer, 13, operation as unknown as JsonSchema)
}

function producedBy(operation: OperationItem): string[] {
  return Object.keys(Object.values(operation.responses)[0]?.content ?? {})
}

/** `BodyParameter`. */
function writeBody(writer: WireWriter, schema: JsonSchema, required: boolean): void {
  writer.text(2, 'body')
  writer.text(3, 'body')
  if (required) writer.integer(4, 1)
  writer.nested(5, () => writeSchema(writer, schema))
}

/** `ParametersItem.parameter.non_body_parameter`, which nests what it is by where it stands. */
function writeParameter(writer: WireWriter, number: number, parameter: Parameter): void {
  const inQuery = parameter.in === 'query'
  const content = (): void => {
    if (parameter.required === true) writer.integer(1, 1)
    writer.text(2, parameter.in)
    writer.text(4, parameter.name)
    writer.text(inQuery ? 6 : 5, String(parameter.schema['type']))
  }
  writer.nested(number, () => writer.nested(1, () => writer.nested(2, () => writer.nested(inQuery ? 3 : 4, content))))
}

function writeResponse(
  writer: WireWriter,
  code: string,
  response: { readonly description: string; readonly content?: Content },
): void {
  const [content] = Object.values(response.content ?? {})
  writer.nested(1, () => {
    writer.text(1, code)
    writer.nested(2, () =>
      writer.nested(1, () => {
        writer.text(1, response.description)
        if (content !== undefined) writer.nested(2, () => writer.nested(1, () => writeSchema(writer, content.schema)))
      }),
    )
  })
}

/** `Definitions.additional_properties` and `Properties.additional_properties`: a name and its schema. */
export function writeDefinition(writer: WireWriter, name: string, schema: JsonSchema): void {
  writer.nested(1, () => {
    writer.text(1, name)
    writer.nested(2, () => writeSchema(writer, schema))
  })
}

function writeSchema(writer: WireWriter, schema: JsonSchema): void {
  const reference = referenceIn(schema)
  if (reference !== undefined) writer.text(1, reference)
  const { format, description, required, additionalProperties, items, properties } = schema
  const type = typeOf(schema)
  if (typeof format === 'string') writer.text(2, format)
  if (typeof description === 'string') writer.text(4, description)
  if (schema['default'] !== undefined) writer.nested(5, () => writer.text(2, JSON.stringify(schema['default'])))
  for (const name of (required ?? []) as string[]) writer.text(19, name)
  if (isSchema(additionalProperties)) {
    writer.nested(21, () => writer.nested(1, () => writeSchema(writer, additionalProperties)))
  }
  if (type !== undefined) writer.nested(22, () => writer.text(1, type))
  if (isSchema(items)) writer.nested(23, () => writer.nested(1, () => writeSchema(writer, items)))
  if (isSchema(properties)) {
    writer.nested(25, () => {
      for (const [name, one] of Object.entries(properties)) writeDefinition(writer, name, one as JsonSchema)
    })
  }
  writeExtensions(writer, 31, schema)
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null

/** Version 2 knows no choice of types: a quantity or a port that may be a number is a text. */
function typeOf(schema: JsonSchema): string | undefined {
  if (Array.isArray(schema['oneOf'])) return 'string'
  return typeof schema['type'] === 'string' ? schema['type'] : undefined
}

/** A reference stands alone, or in a list beside its description. */
function referenceIn(schema: JsonSchema): string | undefined {
  const [only] = Array.isArray(schema['allOf']) ? (schema['allOf'] as JsonSchema[]) : [schema]
  const reference = only?.['$ref']
  return typeof reference === 'string' ? reference.replace('#/components/schemas/', '#/definitions/') : undefined
}

/** Extensions travel as YAML, which JSON is. */
function writeExtensions(writer: WireWriter, number: number, from: JsonSchema): void {
  for (const [name, value] of Object.entries(from)) {
    if (!name.startsWith('x-')) continue
    writer.nested(number, () => {
      writer.text(1, name)
      writer.nested(2, () => writer.text(2, JSON.stringify(value)))
    })
  }
}
