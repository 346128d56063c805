import { beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'
import {
  aDefinition,
  aSpec,
  aVersion,
  cronTabsPath,
  definitionsPath,
  establish,
} from '../../../test/support/custom-resources.ts'
import type { JSONSchemaProps, ValidationRule } from '../../api/types/apiextensions-v1.ts'
import { StatusError } from '../../api/errors.ts'

let lab: TestServer
beforeEach(async () => {
  lab = await startTestServer()
})

const integer: JSONSchemaProps = { type: 'integer' }
const withRules = (properties: Record<string, JSONSchemaProps>, ...rules: ValidationRule[]) =>
  aDefinition([aVersion('v1', aSpec(properties, { 'x-kubernetes-validations': rules }))])

/** The message of the refusal; empty when there is none. */
async function refusal(method: string, path: string, body: unknown): Promise<string> {
  try {
    await lab.send(method, path, { body })
    return ''
  } catch (error) {
    if (error instanceof StatusError && error.code === 422) return error.message
    throw error
  }
}

const define = (...parts: Parameters<typeof withRules>): Promise<string> =>
  refusal('POST', definitionsPath, withRules(...parts))
const create = (spec: object): Promise<string> =>
  refusal('POST', cronTabsPath, { apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name: 'a' }, spec })

async function update(spec: object): Promise<string> {
  const answer = await lab.send('GET', `${cronTabsPath}/a`)
  const { metadata } = answer.type === 'object' ? answer.stored.object : {}
  const body = { apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata, spec }
  return refusal('PUT', `${cronTabsPath}/a`, body)
}

describe('a validation rule of a CRD', () => {
  it('refuses objects that break it', async () => {
    await establish(lab, withRules({ min: integer, max: integer }, { rule: 'self.min <= self.max' }))
    expect(await create({ min: 2, max: 1 })).toBe(
      'CronTab.stable.example.com "a" is invalid: spec: Invalid value: "object": failed rule: self.min <= self.max',
    )
    expect(await create({ min: 1, max: 2 })).toBe('')
  })

  it('says what and where as it has it', async () => {
    await establish(
      lab,
      withRules(
        { replicas: integer },
        { rule: 'self.replicas < 5', message: 'too many', reason: 'FieldValueForbidden', fieldPath: '.replicas' },
        { rule: 'self.replicas < 9', messageExpression: '"not " + string(self.replicas)' },
      ),
    )
    expect(await create({ replicas: 9 })).toContain(
      'is invalid: [spec.replicas: Forbidden: too many, spec: Invalid value: "object": not 9]',
    )
  })

  it('is told of values that are missing', async () => {
    await establish(lab, withRules({ a: integer }, { rule: 'self.a > 1', message: 'a must be large' }))
    expect(await create({})).toContain('Invalid value: "object": no such key: a evaluating rule: a must be large')
  })

  it('holds for every item of a list and every value of a map', async () => {
    const small: JSONSchemaProps = { ...integer, 'x-kubernetes-validations': [{ rule: 'self < 5' }] }
    await establish(
      lab,
      withRules({
        list: { type: 'array', items: small, maxItems: 10 },
        map: { type: 'object', additionalProperties: small, maxProperties: 10 },
      }),
    )
    const message = await create({ list: [1, 9], map: { a: 7 } })
    expect(message).toContain('spec.list[1]: Invalid value: "integer": failed rule: self < 5')
    expect(message).toContain('spec.map.a: Invalid value: "integer": failed rule: self < 5')
  })

  it('sees the name and kind of the object, escaped names, times and durations', async () => {
    const schema: JSONSchemaProps = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            namespace: { type: 'string' },
            'max-size': integer,
            since: { type: 'string', format: 'date-time' },
            every: { type: 'string', format: 'duration' },
          },
        },
      },
      'x-kubernetes-validations': [
        { rule: 'self.metadata.name == "a" && self.kind == "CronTab"' },
        { rule: 'self.spec.__namespace__ == "x" && self.spec.max__dash__size == 3' },
        { rule: 'self.spec.since.getFullYear() == 2024 && self.spec.every > duration("1m")' },
      ],
    }
    await establish(lab, aDefinition([aVersion('v1', { schema: { openAPIV3Schema: schema } })]))
    expect(await create({ namespace: 'x', 'max-size': 3, since: '2024-01-01T00:00:00Z', every: '2m' })).toBe('')
    expect(await create({ namespace: 'y', 'max-size': 3, since: '2024-01-01T00:00:00Z', every: '2m' })).toContain(
      '<nil>',
    )
  })

  it('is not asked about objects that are wrong anyway', async () => {
    await establish(lab, withRules({ a: integer }, { rule: 'self.a > 1' }))
    const message = await create({ a: 'text' })
    expect(message).toContain('some validation rules were not checked because the object was invalid')
    expect(message).not.toContain('failed rule')
  })
})

describe('a transition rule', () => {
  it('compares with the old value', async () => {
    await establish(lab, withRules({ replicas: integer }, { rule: 'self.replicas >= oldSelf.replicas' }))
    expect(await create({ replicas: 3 })).toBe('')
    expect(await update({ replicas: 1 })).toContain('failed rule: self.replicas >= oldSelf.replicas')
    expect(await update({ replicas: 4 })).toBe('')
  })

  it('finds the old item of a list by its keys', async () => {
    const items: JSONSchemaProps = {
      type: 'object',
      properties: { name: { type: 'string' }, size: integer },
      required: ['name'],
      'x-kubernetes-validations': [{ rule: 'self.size >= oldSelf.size', message: 'shrinks' }],
    }
    const list: JSONSchemaProps = {
      ...{ type: 'array', maxItems: 10, items },
      ...{ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
    }
    await establish(lab, withRules({ list }))
    const [a, b] = [
      { name: 'a', size: 5 },
      { name: 'b', size: 1 },
    ]
    expect(await create({ list: [a, b] })).toBe('')
    expect(await update({ list: [b, a] })).toBe('')
    expect(await update({ list: [{ name: 'a', size: 4 }, b] })).toContain(
      'spec.list[0]: Invalid value: "object": shrinks',
    )
  })

  it('may do without an old value when it says so', async () => {
    const rule = 'oldSelf.hasValue() || self.replicas == 1'
    await establish(lab, withRules({ replicas: integer }, { rule, optionalOldSelf: true }))
    expect(await create({ replicas: 2 })).toContain(`failed rule: ${rule}`)
    expect(await create({ replicas: 1 })).toBe('')
    expect(await update({ replicas: 2 })).toBe('')
  })

  it('leaves alone what is not touched, under rules that came later', async () => {
    const loose = withRules({ a: integer, b: integer })
    await establish(lab, loose)
    expect(await create({ a: 1, b: 1 })).toBe('')
    const strict: JSONSchemaProps = { ...integer, 'x-kubernetes-validations': [{ rule: 'self > 5' }] }
    const [version] = withRules({ a: strict, b: strict }).spec.versions
    await lab.send('PATCH', `${definitionsPath}/crontabs.stable.example.com`, {
      contentType: 'application/merge-patch+json',
      body: { spec: { versions: [version] } },
    })
    expect(await update({ a: 1, b: 9 })).toBe('')
    expect(await update({ a: 2, b: 9 })).toContain('spec.a: Invalid value: "integer": failed rule: self > 5')
  })
})

describe('a CRD is refused', () => {
  const at = 'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]'

  it.each([
    [{ rule: 'self.a >' }, `${at}.rule: Invalid value: {"rule":"self.a >"}: compilation failed: ERROR: <input>:1:`],
    [{ rule: 'self.nope == 1' }, "undefined field 'nope'"],
    [{ rule: 'self.a' }, 'cel expression must evaluate to a bool'],
    [{ rule: 'true', messageExpression: 'self.a' }, 'messageExpression must evaluate to a string'],
    [{ rule: 'true', reason: 'Nope' }, `${at}.reason: Unsupported value: "Nope"`],
    [
      { rule: 'self.list.all(x, self.list.all(y, x == y))' },
      `${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule`,
    ],
  ])('for its rule %o', async (rule, problem) => {
    const list: JSONSchemaProps = { type: 'array', items: { type: 'string' } }
    expect(await define({ a: integer, list }, rule)).toContain(problem)
  })

  it('for a transition rule where old values cannot be found', async () => {
    const items: JSONSchemaProps = { ...integer, 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] }
    expect(await define({ list: { type: 'array', maxItems: 5, items } })).toContain(
      'oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[list]',
    )
  })
})
