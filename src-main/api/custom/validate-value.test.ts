import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../field-error.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1.ts'
import { readSchema } from './read-schema.ts'
import { validateCustomObject } from './validate-value.ts'

/** What is said of `spec.x` with this schema and value. */
function problems(x: JSONSchemaProps, value: unknown, old?: unknown): string[] {
  const schema = readSchema({ type: 'object', properties: { spec: { type: 'object', properties: { x } } } })
  const previous = old === undefined ? undefined : { spec: { x: old } }
  return validateCustomObject({ spec: { x: value } }, schema, previous).map(
    (error) => `${error.path}: ${fieldErrorBody(error)}`,
  )
}
const text: JSONSchemaProps = { type: 'string' }
const typed = (type: string, actual: string) =>
  `spec.x: Invalid value: "${actual}": spec.x in body must be of type ${type}: "${actual}"`

describe('a value of a custom object', () => {
  it.each<[string, JSONSchemaProps, unknown, string[]]>([
    ['text', text, 'a', []],
    ['a number for text', text, 3, [typed('string', 'integer')]],
    ['null', text, null, [typed('string', 'null')]],
    ['null where it may be', { ...text, nullable: true }, null, []],
    ['a fraction for an integer', { type: 'integer' }, 1.5, [typed('integer', 'number')]],
    ['an integer for a number', { type: 'number' }, 1, []],
    ['a list for an object', { type: 'object' }, [], [typed('object', 'array')]],
    ['an integer or text', { 'x-kubernetes-int-or-string': true }, '80%', []],
    ['neither', { 'x-kubernetes-int-or-string': true }, true, [typed('integer,string', 'boolean')]],
    ['one of the values', { ...text, enum: ['a', 'b'] }, 'b', []],
    [
      'none of the values',
      { ...text, enum: ['a', 'b'] },
      'c',
      ['spec.x: Unsupported value: "c": supported values: "a", "b"'],
    ],
    [
      'a pattern',
      { ...text, pattern: '^a+$' },
      'ab',
      [`spec.x: Invalid value: "ab": spec.x in body should match '^a+$'`],
    ],
    ['long text', { ...text, maxLength: 2 }, 'abc', ['spec.x: Too long: may not be more than 2 bytes']],
    ['characters, not units', { ...text, maxLength: 2 }, '😀😀', []],
    [
      'short text',
      { ...text, minLength: 2 },
      'a',
      ['spec.x: Invalid value: "a": spec.x in body should be at least 2 chars long'],
    ],
    [
      'too much',
      { type: 'integer', maximum: 3 },
      4,
      ['spec.x: Invalid value: 4: spec.x in body should be less than or equal to 3'],
    ],
    [
      'the bound',
      { type: 'integer', maximum: 3, exclusiveMaximum: true },
      3,
      ['spec.x: Invalid value: 3: spec.x in body should be less than 3'],
    ],
    [
      'too little',
      { type: 'integer', minimum: 1 },
      0,
      ['spec.x: Invalid value: 0: spec.x in body should be greater than or equal to 1'],
    ],
    ['a multiple', { type: 'number', multipleOf: 0.1 }, 0.3, []],
    [
      'no multiple',
      { type: 'integer', multipleOf: 2 },
      3,
      ['spec.x: Invalid value: 3: spec.x in body should be a multiple of 2'],
    ],
    [
      'many items',
      { type: 'array', items: text, maxItems: 1 },
      ['a', 'b'],
      ['spec.x: Too many: 2: must have at most 1 items'],
    ],
    [
      'few items',
      { type: 'array', items: text, minItems: 1 },
      [],
      ['spec.x: Invalid value: 0: spec.x in body should have at least 1 items'],
    ],
    [
      'an item',
      { type: 'array', items: text },
      ['a', 1],
      [`spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"`],
    ],
    ['a missing field', { type: 'object', required: ['y'], properties: { y: text } }, {}, ['spec.x.y: Required value']],
    [
      'values of a map',
      { type: 'object', additionalProperties: { type: 'integer' } },
      { a: 'b' },
      [`spec.x.a: Invalid value: "string": spec.x.a in body must be of type integer: "string"`],
    ],
    [
      'a set',
      { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
      ['a', 'a'],
      ['spec.x[1]: Duplicate value: "a"'],
    ],
    [
      'a format',
      { ...text, format: 'date-time' },
      'today',
      ['spec.x: Invalid value: "today": spec.x in body must be of type date-time: "today"'],
    ],
    ['any of', { ...text, anyOf: [{ pattern: '^a' }, { pattern: '^b' }] }, 'bc', []],
    [
      'not any of',
      { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 1 }] },
      3,
      [
        '<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)',
        'spec.x: Invalid value: 3: spec.x in body should be greater than or equal to 5',
      ],
    ],
    [
      'two of one',
      { type: 'integer', oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      ['<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      'not',
      { type: 'integer', not: { minimum: 1 } },
      3,
      ['<nil>: Invalid value: "": "spec.x" must not validate the schema (not)'],
    ],
    [
      'an embedded object',
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      { kind: 'Pod' },
      ['spec.x.apiVersion: Required value: must not be empty'],
    ],
  ])('%s', (_name, schema, value, expected) => {
    expect(problems(schema, value)).toEqual(expected)
  })

  it.each([
    ['ipv4', '10.0.0.1', '10.0.0'],
    ['ipv6', '::1', 'x'],
    ['cidr', '10.0.0.0/8', '10.0.0.0/99'],
    ['uuid', '123e4567-e89b-12d3-a456-426614174000', '123'],
    ['byte', 'YQ==', 'a'],
    ['date', '2026-02-28', '2026-02-30'],
    ['date-time', '2026-01-01T00:00:00Z', '2026-01-01'],
    ['duration', '1h30m', 'soon'],
    ['email', 'a@example.com', 'a'],
    ['hostname', 'example.com', '-a-'],
    ['uri', 'https://example.com', 'no uri'],
    ['mac', '00:11:22:33:44:55', '00:11'],
    ['unheard-of', 'anything', ''],
  ])('has the format %s', (format, good, bad) => {
    expect(problems({ ...text, format }, good)).toEqual([])
    if (bad !== '') expect(problems({ ...text, format }, bad)).toHaveLength(1)
  })

  it('that has not changed may stay as it was under an older schema', () => {
    const schema: JSONSchemaProps = { type: 'object', properties: { a: { type: 'integer', maximum: 1 }, b: text } }
    expect(problems(schema, { a: 5, b: 'new' }, { a: 5, b: 'old' })).toEqual([])
    expect(problems(schema, { a: 6, b: 'old' }, { a: 5, b: 'old' })).toHaveLength(1)
  })

  it('of a list with keys is compared with the item of the same keys', () => {
    const item: JSONSchemaProps = { type: 'object', properties: { name: text, n: { type: 'integer', maximum: 1 } } }
    const schema: JSONSchemaProps = {
      ...{ type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
    }
    const old = [{ name: 'a', n: 5 }]
    expect(
      problems(
        schema,
        [
          { name: 'b', n: 1 },
          { name: 'a', n: 5 },
        ],
        old,
      ),
    ).toEqual([])
    expect(
      problems(
        schema,
        [
          { name: 'b', n: 5 },
          { name: 'a', n: 5 },
        ],
        old,
      ),
    ).toHaveLength(1)
  })
})
