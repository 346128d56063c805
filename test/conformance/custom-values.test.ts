import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasFormat } from '../../src-main/api/custom/formats.ts'
import { readSchema } from '../../src-main/api/custom/read-schema.ts'
import { validateCustomObject } from '../../src-main/api/custom/validate-value.ts'
import { fieldErrorBody } from '../../src-main/api/field-error.ts'
import type { JSONSchemaProps } from '../../src-main/api/types/apiextensions-v1.ts'

/**
 * Random schemas and values, and what is said of them; recorded where the validator that Kubernetes uses (kube-openapi,
 * as Debian has it) said the same. That older version gives no place in lists, which have one item at most here, and
 * shows other counts than later ones.
 */
interface SchemaCase {
  readonly schema: JSONSchemaProps
  readonly value: unknown
  readonly problems: readonly string[]
}

/** Texts, and which of them that validator takes for each format. */
interface FormatCases {
  readonly texts: readonly string[]
  readonly accepted: Readonly<Record<string, readonly string[]>>
}

const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/recorded', name), 'utf8'))
const cases = recorded('schema-cases.json') as readonly SchemaCase[]
const formats = recorded('formats.json') as FormatCases

describe('a value of a custom object', () => {
  it('is told what Kubernetes tells, in its order', () => {
    expect(cases.length).toBeGreaterThan(300)
    for (const { schema, value, problems } of cases) {
      const read = readSchema({ type: 'object', properties: { spec: schema } })
      const found = validateCustomObject({ spec: value }, read).map((one) => `${one.path}: ${fieldErrorBody(one)}`)
      expect({ schema, value, problems: found }).toEqual({ schema, value, problems })
    }
  })

  it.each(Object.keys(formats.accepted))('has the format %s when Kubernetes says so', (format) => {
    expect(formats.texts.filter((text) => hasFormat(text, format))).toEqual(formats.accepted[format])
  })
})
