import { forbidden, invalid, type FieldError } from '../../field-error.ts'
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts'

/** What may stand at the root of a schema whose status is checked apart, under the names that Kubernetes gives them. */
const allowed = [
  ...['Description', 'Type', 'Format', 'Title', 'Maximum', 'ExclusiveMaximum', 'Minimum', 'ExclusiveMinimum'],
  ...['MaxLength', 'MinLength', 'Pattern', 'MaxItems', 'MinItems', 'UniqueItems', 'MultipleOf', 'Required', 'Items'],
  ...['Properties', 'ExternalDocs', 'Example', 'XPreserveUnknownFields', 'XValidations'],
]
const allowedWords = new Set([
  ...allowed.map((name) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`),
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
])

const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== '' &&
  value !== false &&
  !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** `status`: it is a subresource. Kubernetes tells of the first word alone that may not be there. */
export function validateRoot(schema: JSONSchemaProps, status: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { type = '' } = schema
  const only = `only [${allowed.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`
  if (status && type !== '' && type !== 'object')
    errors.push(
      invalid(
        `${path}.type`,
        type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    )
  else if (status && Object.entries(schema).some(([word, value]) => !allowedWords.has(word) && isSet(value)))
    errors.push(invalid(path, schema, only))
  if (schema.nullable === true) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  return errors
}
