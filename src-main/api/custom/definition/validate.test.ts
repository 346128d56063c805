import { describe, expect, it } from 'vitest'
import { aDefinition, aSpec, aVersion } from '../../../../test/support/custom-resources.ts'
import { fieldErrorBody } from '../../field-error.ts'
import type { CustomResourceDefinition, JSONSchemaProps } from '../../types/apiextensions-v1.ts'
import { customResourceDefinition } from '../../kinds/apiextensions/custom-resource-definition.ts'
import { planDefinitionStatus } from './plan-status.ts'

const schemaPath = 'spec.versions[0].schema.openAPIV3Schema'

function prepared(definition: CustomResourceDefinition): CustomResourceDefinition {
  const draft = structuredClone(definition)
  customResourceDefinition.defaults?.(draft)
  customResourceDefinition.prepareCreate?.(draft)
  return draft
}
const problems = (definition: CustomResourceDefinition): string[] =>
  (customResourceDefinition.validateNew?.(prepared(definition)) ?? []).map(
    (error) => `${error.path}: ${fieldErrorBody(error)}`,
  )
const withX = (x: JSONSchemaProps): CustomResourceDefinition => aDefinition([aVersion('v1', aSpec({ x }))])

describe('a definition', () => {
  it('that is well formed is accepted', () => {
    expect(problems(aDefinition())).toEqual([])
  })

  it.each<[string, CustomResourceDefinition, string]>([
    [
      'another name',
      { ...aDefinition(), metadata: { name: 'x' } },
      'metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group',
    ],
    [
      'a scope that there is not',
      aDefinition(undefined, { scope: 'World' }),
      'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
    ],
    [
      'a group without a dot',
      aDefinition(undefined, { group: 'example' }),
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
    ],
    [
      'no storage version',
      aDefinition([aVersion('v1', { storage: false })]),
      'spec.versions: Invalid value: ["v1"]: must have exactly one version marked as storage version',
    ],
    [
      'a version twice',
      aDefinition([aVersion('v1'), aVersion('v1', { storage: false })]),
      'spec.versions: Invalid value: ["v1","v1"]: must contain unique version names',
    ],
    [
      'no schema',
      aDefinition([{ name: 'v1', served: true, storage: true }]),
      `${schemaPath}: Required value: schemas are required`,
    ],
    [
      'a protected group',
      aDefinition(undefined, { group: 'x.k8s.io' }),
      'metadata.annotations[api-approved.kubernetes.io]: Required value',
    ],
    [
      'no type',
      withX({}),
      `spec.validation.openAPIV3Schema.properties[spec].properties[x].type: Required value: must not be empty for specified object fields`,
    ],
    ['a type that there is not', withX({ type: 'text' }), 'Unsupported value: "text"'],
    ['items missing', withX({ type: 'array' }), '.properties[x].items: Required value: must be specified'],
    [
      'unique items',
      withX({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
    ['a reference', withX({ type: 'object', $ref: '#' }), '$ref: Forbidden: $ref is not supported'],
    [
      'structure within logic',
      withX({ type: 'string', anyOf: [{ type: 'string' }] }),
      'anyOf[0].type: Forbidden: must be empty to be structural',
    ],
    [
      'logic about what is not declared',
      withX({ type: 'object', anyOf: [{ properties: { y: { minLength: 1 } } }] }),
      '.properties[x].properties[y]: Required value: because it is defined in',
    ],
    [
      'a pattern that is none',
      withX({ type: 'string', pattern: '(' }),
      "must be a valid regular expression, but isn't: error parsing regexp: missing closing ): `(`",
    ],
    [
      'a default of another type',
      withX({ type: 'string', default: 1 }),
      'properties[x].default: Invalid value: "integer"',
    ],
    [
      'a default with unknown fields',
      withX({ type: 'object', default: { y: 1 } }),
      'default: Invalid value: {"y":1}: must not have unknown fields',
    ],
    [
      'map keys that are optional',
      withX({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' } } },
      }),
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
    [
      'a scale outside of spec',
      aDefinition([
        aVersion('v1', { subresources: { scale: { specReplicasPath: '.x.y', statusReplicasPath: '.status.r' } } }),
      ]),
      'specReplicasPath: Invalid value: ".x.y": should be a json path under .spec',
    ],
    [
      'a column without a path',
      aDefinition([aVersion('v1', { additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '' }] })]),
      'spec.additionalPrinterColumns[0].JSONPath: Required value',
    ],
    [
      'a selectable field that is none',
      aDefinition([aVersion('v1', { selectableFields: [{ jsonPath: '.spec.none' }] })]),
      'is an invalid path: does not refer to a valid field',
    ],
    [
      'a webhook without a client',
      aDefinition(undefined, { conversion: { strategy: 'Webhook' } }),
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook\nspec.conversion.conversionReviewVersions: Required value',
    ],
  ])('with %s is refused', (_name, definition, expected) => {
    expect(problems(definition).join('\n')).toContain(expected)
  })

  it('keeps its kind and scope once it is served, and versions that are stored', () => {
    const before = prepared(aDefinition([aVersion('v1'), aVersion('v2', { storage: false })]))
    before.status = planDefinitionStatus(
      { ...before, status: { ...before.status, storedVersions: ['v1', 'v2'] } },
      [],
      '2026-01-01T00:00:00Z',
    )
    const after = prepared(
      aDefinition([aVersion('v1')], { scope: 'Cluster', names: { plural: 'crontabs', kind: 'Other' } }),
    )
    after.status = before.status
    const paths = (customResourceDefinition.validateUpdate?.(after, before) ?? []).map(({ path }) => path)
    expect(paths).toEqual(['spec.scope', 'spec.names.kind', 'status.storedVersions[1]'])
  })
})

describe('the names of definitions', () => {
  it('are granted unless another one of the group has them', () => {
    const first = prepared(aDefinition())
    first.status = planDefinitionStatus(first, [], '2026-01-01T00:00:00Z')
    const second = prepared(
      aDefinition(undefined, { names: { plural: 'others', kind: 'CronTab', shortNames: ['ct'] } }),
    )
    const { conditions, acceptedNames } = planDefinitionStatus(second, [first], '2026-01-01T00:00:00Z')
    expect(conditions).toMatchObject([
      { type: 'NamesAccepted', status: 'False', reason: 'SingularConflict' },
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    ])
    expect(acceptedNames).toMatchObject({ plural: 'others', kind: '' })
  })
})
