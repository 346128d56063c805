/** The parts of an OpenAPI 2.0 document as JSON values, made from those of a 3.0 document. */
import type { Content, JsonSchema, OperationItem, Parameter, PathItem } from './document.ts'

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const

export function pathInV2(item: PathItem): JsonSchema {
  const operations = methods.flatMap((method): [string, JsonSchema][] => {
    const operation = item[method]
    return operation === undefined ? [] : [[method, operationInV2(operation)]]
  })
  const parameters = (item.parameters ?? []).map(parameterInV2)
  return { ...Object.fromEntries(operations), ...(parameters.length === 0 ? {} : { parameters }) }
}

function operationInV2({ operationId, tags, parameters, requestBody, responses, ...rest }: OperationItem): JsonSchema {
  const consumed = requestBody?.content ?? {}
  const [body] = Object.values(consumed)
  const bodies = body === undefined ? [] : [bodyInV2(body.schema, requestBody?.required)]
  const produced = Object.keys(Object.values(responses)[0]?.content ?? {})
  const named = [...bodies, ...(parameters ?? []).map(parameterInV2)]
  return {
    ...{ operationId, tags, schemes: ['https'] },
    ...(body === undefined ? {} : { consumes: Object.keys(consumed) }),
    ...(produced.length === 0 ? {} : { produces: produced }),
    ...(named.length === 0 ? {} : { parameters: named }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([code, response]) => [code, responseInV2(response.description, response.content)]),
    ),
    ...rest,
  }
}

const bodyInV2 = (schema: JsonSchema, required: true | undefined): JsonSchema => ({
  ...{ name: 'body', in: 'body', schema: schemaInV2(schema) },
  ...(required === undefined ? {} : { required }),
})

/** What kind of value it is stands beside its name, not in a schema. */
const parameterInV2 = ({ schema, ...parameter }: Parameter): JsonSchema => ({ ...parameter, ...schema })

function responseInV2(description: string, content: Content | undefined): JsonSchema {
  const [first] = Object.values(content ?? {})
  return { description, ...(first === undefined ? {} : { schema: schemaInV2(first.schema) }) }
}

/** A schema of the release, which knows no choice of types in version 2: a text stands for it. */
export function schemaInV2(schema: JsonSchema): JsonSchema {
  const { allOf, oneOf, items, properties, additionalProperties, ...rest } = schema
  const [only] = Array.isArray(allOf) ? (allOf as JsonSchema[]) : []
  const inner = only === undefined ? {} : schemaInV2(only)
  return {
    ...rest,
    ...inner,
    ...(typeof rest['$ref'] === 'string' ? { $ref: referenceInV2(rest['$ref']) } : {}),
    ...(oneOf === undefined ? {} : { type: 'string' }),
    ...(items === undefined ? {} : { items: schemaInV2(items as JsonSchema) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: schemaInV2(additionalProperties as JsonSchema) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties as JsonSchema).map(([name, one]) => [name, schemaInV2(one as JsonSchema)]),
          ),
        }),
  }
}

export const referenceInV2 = (reference: string): string => reference.replace('#/components/schemas/', '#/definitions/')
