/** What Kubernetes says of definitions, to the word: paths are those of the form in which it checks them. */
import { describe, expect, it } from 'vitest'
import { aDefinition, aSpec, aVersion } from '../../../../test/support/custom-resources.ts'
import { creationCauses, updateCauses } from '../../../../test/support/validation.ts'
import { customResourceDefinition } from '../../kinds/apiextensions/custom-resource-definition.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '../../types/apiextensions-v1.ts'

const said = (definition: CustomResourceDefinition): string[] => creationCauses(customResourceDefinition, definition)
const root = 'spec.validation.openAPIV3Schema'
const x = `${root}.properties[spec].properties[x]`
const ofX = (schema: JSONSchemaProps): string[] => said(aDefinition([aVersion('v1', aSpec({ x: schema }))]))
const ofVersion = (part: Partial<CustomResourceDefinitionVersion>): string[] =>
  said(aDefinition([aVersion('v1', { ...aSpec({ x: { type: 'string' } }), ...part })]))
const ofRoot = (part: JSONSchemaProps): string[] =>
  ofVersion({ schema: { openAPIV3Schema: { type: 'object', ...part } } })
const label =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const list = (items: JSONSchemaProps, rest: JSONSchemaProps = {}): JSONSchemaProps => ({
  type: 'array',
  items,
  ...rest,
})
const key = 'this property is in x-kubernetes-list-map-keys, so it'

describe('a schema', () => {
  it.each<[string, JSONSchemaProps, string[]]>([
    ['no type', {}, [`${x}.type: Required value: must not be empty for specified object fields`]],
    [
      'faults of structure in the order of their words, before those of words',
      { type: 'object', uniqueItems: true, properties: { b: {}, a: {} } },
      [
        `${x}.properties[a].type: Required value: must not be empty for specified object fields`,
        `${x}.properties[b].type: Required value: must not be empty for specified object fields`,
        `${x}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'a word without a place in a structure',
      { properties: { a: {} }, $ref: '#' },
      [`${x}.$ref: Forbidden: $ref is not supported`],
    ],
    [
      'properties beside any others',
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: true },
      [],
    ],
    [
      'properties beside no others',
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
      [`${x}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'declarations within logic',
      {
        type: 'string',
        not: { nullable: true, default: 'a', title: 'a', 'x-kubernetes-list-type': 'set' },
        anyOf: [{ properties: { metadata: {} } }],
      },
      [
        `${x}.anyOf[0].properties[metadata]: Forbidden: must not be specified in a nested context`,
        `${x}.not.default: Forbidden: must be undefined to be structural`,
        `${x}.not.nullable: Forbidden: must be false to be structural`,
        `${x}.not.title: Forbidden: must be empty to be structural`,
        `${x}.not.x-kubernetes-list-type: Forbidden: must be undefined to be structural`,
        `${x}.properties[metadata]: Required value: because it is defined in ${x}.anyOf[0].properties[metadata]`,
      ],
    ],
    [
      'a number or a text',
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      [],
    ],
    [
      'a number or a text within the first of all',
      {
        'x-kubernetes-int-or-string': true,
        allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: 'a' }],
      },
      [],
    ],
    [
      'an embedded object that is text',
      { type: 'string', 'x-kubernetes-embedded-resource': true },
      [
        `${x}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
        `${x}.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true`,
      ],
    ],
    [
      'an embedded object whose kind is a number',
      { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { kind: { type: 'integer' } } },
      [`${x}.properties[kind].type: Invalid value: "integer": must be string`],
    ],
    [
      'a set of objects that are not atomic',
      list({ type: 'object', nullable: true }, { 'x-kubernetes-list-type': 'set' }),
      [
        `${x}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
        `${x}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set`,
      ],
    ],
    [
      'keys without a map',
      list({ type: 'object' }, { 'x-kubernetes-list-map-keys': ['a'] }),
      [`${x}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty`],
    ],
    [
      'a kind of list that there is not',
      list({ type: 'object' }, { 'x-kubernetes-list-type': 'bag' }),
      [`${x}.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"`],
    ],
    [
      'a map whose keys are none',
      list(
        { type: 'object', properties: { a: { type: 'object', nullable: true } } },
        { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a', 'b', 'a'] },
      ),
      [
        `${x}.items.properties[a].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map`,
        `${x}.x-kubernetes-list-map-keys: Invalid value: ["a","b","a"]: entries must all be names of item properties`,
        `${x}.items.properties[a].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map`,
        `${x}.x-kubernetes-list-map-keys: Invalid value: ["a","b","a"]: must not contain duplicate entries`,
        `${x}.items.properties[a].default: Required value: ${key} must have a default or be a required property`,
        `${x}.items.properties[a].nullable: Forbidden: ${key} cannot be nullable`,
        `${x}.items.properties[a].default: Required value: ${key} must have a default or be a required property`,
        `${x}.items.properties[a].nullable: Forbidden: ${key} cannot be nullable`,
      ],
    ],
    [
      'rules that say too little',
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        'x-kubernetes-validations': [
          { rule: 'true\n&& true' },
          { rule: ' ', reason: 'Nope', messageExpression: ' ', fieldPath: '.b' },
          { rule: 'true', message: ' ', fieldPath: '.a' },
          { rule: 'true', message: 'a\rb', fieldPath: "['a']" },
        ],
      },
      [
        `${x}.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks`,
        `${x}.x-kubernetes-validations[1].rule: Required value: rule is not specified`,
        `${x}.x-kubernetes-validations[1].messageExpression: Required value: messageExpression must be non-empty if specified`,
        `${x}.x-kubernetes-validations[1].reason: Unsupported value: "Nope": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
        `${x}.x-kubernetes-validations[1].fieldPath: Invalid value: ".b": fieldPath must be a valid path`,
        `${x}.x-kubernetes-validations[2].message: Invalid value: " ": message must be non-empty if specified`,
        `${x}.x-kubernetes-validations[3].message: Invalid value: "a\\rb": message must not contain line breaks`,
      ],
    ],
  ])('with %s', (_case, schema, causes) => {
    expect(ofX(schema)).toEqual(causes)
  })

  it('has no defaults in the metadata of its objects', () => {
    const metadata = { type: 'object', properties: { name: { type: 'string', default: 'a' } } }
    expect(ofRoot({ properties: { metadata } })).toEqual([
      `${root}.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata`,
    ])
  })

  it('says little at its root when the status is written apart', () => {
    const subresources = { status: {} }
    const schema = { openAPIV3Schema: { type: 'object', minProperties: 1 } }
    expect(ofVersion({ subresources, schema })[0]).toContain(
      'only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled',
    )
    expect(ofVersion({ schema })).toEqual([])
  })
})

describe('a version', () => {
  it.each<[string, Partial<CustomResourceDefinitionVersion>, string[]]>([
    [
      'columns that are none',
      { additionalPrinterColumns: [{ name: '', type: 'text', format: 'odd', jsonPath: 'a' }] },
      [
        'spec.additionalPrinterColumns[0].name: Required value',
        'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].format: Invalid value: "odd": must be one of byte,date,date-time,double,float,int32,int64,password',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
      ],
    ],
    [
      'a column whose path cannot be read',
      { additionalPrinterColumns: [{ name: 'a', type: 'string', jsonPath: '.a[' }] },
      [],
    ],
    [
      'a warning that nobody needs',
      { deprecationWarning: 'old' },
      ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions'],
    ],
    [
      'a warning that cannot be printed',
      { deprecated: true, deprecationWarning: `ä\n${'x'.repeat(256)}` },
      [
        `spec.versions[0].deprecationWarning: Invalid value: "ä\\n${'x'.repeat(256)}": must be <= 256 characters long`,
        `spec.versions[0].deprecationWarning: Invalid value: "ä\\n${'x'.repeat(256)}": must only contain printable UTF-8 characters; non-printable character found at index 2`,
      ],
    ],
    [
      'fields to select by that are none',
      {
        selectableFields: [
          { jsonPath: '.spec.x' },
          { jsonPath: '.spec.x' },
          { jsonPath: ".spec['x']" },
          { jsonPath: '.spec' },
          { jsonPath: 'spec' },
        ],
      },
      [
        'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.x"',
        `spec.selectableFields[2].jsonPath: Invalid value: ".spec['x']": is an invalid path: array notation is not allowed`,
        'spec.selectableFields[3].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        'spec.selectableFields[4].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec',
      ],
    ],
  ])('with %s', (_case, part, causes) => {
    expect(ofVersion(part)).toEqual(causes)
  })

  it('is looked at by itself where it differs from the others', () => {
    const other = aVersion('v2', { storage: false, ...aSpec({ x: {} }) })
    expect(said(aDefinition([aVersion('v1'), other]))).toEqual([
      'spec.versions[1].schema.openAPIV3Schema.properties[spec].properties[x].type: Required value: must not be empty for specified object fields',
    ])
  })

  it('has a name that is a label, and the first one twice', () => {
    expect(said(aDefinition([aVersion('V1')]))).toEqual([
      `spec.versions[0].name: Invalid value: "V1": ${label}`,
      `spec.version: Invalid value: "V1": ${label}`,
    ])
  })
})

describe('a definition', () => {
  it('names its kind once for one object and once for many', () => {
    const names = { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', listKind: 'CronTab', shortNames: ['C'] }
    expect(said(aDefinition(undefined, { names }))).toEqual([
      `spec.names.shortNames[0]: Invalid value: "C": ${label}`,
      'spec.names.listKind: Invalid value: "CronTab": kind and listKind may not be the same',
    ])
  })

  it.each<[string, object, string[]]>([
    ['nothing about hooks', { strategy: 'None' }, []],
    [
      'a hook that nobody calls',
      { strategy: 'None', webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] } },
      [
        'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
        'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
      ],
    ],
    [
      'two places of a hook',
      { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v2', 'v2'] } },
      [
        'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required',
        'spec.conversion.conversionReviewVersions[1]: Invalid value: "v2": duplicate version',
        'spec.conversion.conversionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
      ],
    ],
    [
      'a service without a name',
      {
        strategy: 'Webhook',
        webhook: { clientConfig: { service: { port: 0 } }, conversionReviewVersions: ['v1'] },
      },
      [
        'spec.conversion.webhookClientConfig.service.name: Required value: service name is required',
        'spec.conversion.webhookClientConfig.service.namespace: Required value: service namespace is required',
        'spec.conversion.webhookClientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
      ],
    ],
  ])('converts with %s', (_case, conversion, causes) => {
    expect(said(aDefinition(undefined, { conversion } as Partial<CustomResourceDefinition['spec']>))).toEqual(causes)
  })

  it('keeps an approval that was never good', () => {
    const before = aDefinition(undefined, { group: 'x.k8s.io' })
    expect(updateCauses(customResourceDefinition, before, { 'metadata.labels': { a: 'b' } })).toEqual([])
    expect(
      updateCauses(customResourceDefinition, before, {
        'metadata.annotations': { 'api-approved.kubernetes.io': 'odd' },
      }),
    ).toHaveLength(1)
  })

  it('has names in its status that could be granted', () => {
    const changes = { 'status.acceptedNames': { plural: 'A B', kind: 'A' } }
    expect(updateCauses(customResourceDefinition, aDefinition(), changes, 'status')).toEqual([
      `status.acceptedNames.plural: Invalid value: "A B": ${label}`,
    ])
  })
})
