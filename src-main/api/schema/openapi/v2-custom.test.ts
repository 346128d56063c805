import { describe, expect, it } from 'vitest'
import { customSchemaInV2 } from './v2-custom.ts'

const preserving = { 'x-kubernetes-preserve-unknown-fields': true }
const identity = { 'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Thing' }] }

describe('the schema of a custom kind in OpenAPI 2.0', () => {
  it.each([
    {
      name: 'of an object that keeps unknown fields, nothing but that it is an object',
      schema: { type: 'object', ...preserving, ...identity, properties: { spec: { type: 'object' } } },
      expected: { type: 'object', ...identity },
    },
    {
      name: 'a part that keeps unknown fields has no fields and no type',
      schema: {
        type: 'object',
        properties: { spec: { type: 'object', ...preserving, properties: { a: { type: 'string' } } } },
      },
      expected: { type: 'object', properties: { spec: preserving } },
    },
    {
      name: 'no choices',
      schema: { type: 'object', anyOf: [{ required: ['a'] }], oneOf: [{}], allOf: [{}], not: {}, minProperties: 1 },
      expected: { type: 'object', minProperties: 1 },
    },
    {
      name: 'what may be null has no type and is not required',
      schema: {
        type: 'object',
        required: ['a', 'b'],
        properties: { a: { type: 'array', nullable: true, items: { type: 'string' } }, b: { type: 'string' } },
      },
      expected: { type: 'object', required: ['b'], properties: { a: {}, b: { type: 'string' } } },
    },
    {
      name: 'a map of what may be null requires nothing',
      schema: { type: 'object', required: ['a'], additionalProperties: { type: 'string', nullable: true } },
      expected: { type: 'object', additionalProperties: {} },
    },
    {
      name: 'a list without items has no type',
      schema: { type: 'object', properties: { a: { type: 'array' } } },
      expected: { type: 'object', properties: { a: {} } },
    },
    {
      name: 'references lead to definitions, at any depth',
      schema: {
        type: 'object',
        properties: { a: { type: 'array', items: { $ref: '#/components/schemas/io.k8s.X' } } },
      },
      expected: { type: 'object', properties: { a: { type: 'array', items: { $ref: '#/definitions/io.k8s.X' } } } },
    },
  ])('$name', ({ schema, expected }) => {
    expect(customSchemaInV2(schema)).toEqual(expected)
  })
})
