/** The rules of one version of a CRD: its schema, subresources, columns and selectable fields. */
import { duplicate, invalid, required, tooLong, type FieldError } from '../../field-error.ts'
import { checkOneOf, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dns1035LabelProblems } from '../../meta/names.ts'
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  JSONSchemaProps,
} from '../../types/apiextensions-v1.ts'
import { isSchema } from '../read-schema.ts'
import { JsonPathError, parseJsonPath } from '../json-path.ts'
import { validateSchema } from './validate-schema.ts'
import { validateDefaults } from './validate-defaults.ts'

const warningLimit = 256
const selectableLimit = 8

export function validateVersion(
  version: CustomResourceDefinitionVersion,
  before: CustomResourceDefinitionVersion | undefined,
  path: string,
): FieldError[] {
  const schema = version.schema?.openAPIV3Schema
  return [
    ...problemsAt(`${path}.name`, version.name, dns1035LabelProblems(version.name)),
    ...validateWarning(version, path),
    ...(schema === undefined
      ? [required(`${path}.schema.openAPIV3Schema`, 'schemas are required')]
      : sameValue(schema, before?.schema?.openAPIV3Schema)
        ? []
        : validateWholeSchema(schema, `${path}.schema.openAPIV3Schema`)),
    ...validateSubresources(version.subresources, `${path}.subresources`),
    ...(version.additionalPrinterColumns ?? []).flatMap((column, index) =>
      validateColumn(column, `${path}.additionalPrinterColumns[${index}]`),
    ),
    ...validateSelectable(version, `${path}.selectableFields`),
  ]
}

/** Defaults can only be checked with a schema that makes sense. */
function validateWholeSchema(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors = validateSchema(schema, path)
  return errors.length > 0 || !hasDefault(schema) ? errors : validateDefaults(schema, path)
}

/** Anywhere in a schema that has been found structural. */
function hasDefault({ default: own, properties, additionalProperties, items }: JSONSchemaProps): boolean {
  if (own !== undefined) return true
  for (const name in properties ?? {}) {
    const property = properties?.[name]
    if (property !== undefined && hasDefault(property)) return true
  }
  return (isSchema(additionalProperties) && hasDefault(additionalProperties)) || (isSchema(items) && hasDefault(items))
}

function validateWarning(
  { deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
  path: string,
): FieldError[] {
  const at = `${path}.deprecationWarning`
  if (deprecationWarning === undefined) return []
  if (deprecated !== true) return [invalid(at, deprecationWarning, 'can only be set for deprecated versions')]
  if (deprecationWarning.length > warningLimit) return [tooLong(at, warningLimit)]
  return [
    ...(deprecationWarning === '' ? [invalid(at, deprecationWarning, 'must not be empty')] : []),
    ...(/[\u0000-\u001f\u007f]/.test(deprecationWarning)
      ? [invalid(at, deprecationWarning, 'must only contain printable UTF-8 characters')]
      : []),
  ]
}

function validateSubresources(subresources: CustomResourceSubresources | undefined, path: string): FieldError[] {
  const scale = subresources?.scale
  if (scale === undefined) return []
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale
  return [
    ...validateScalePath(`${path}.scale.specReplicasPath`, specReplicasPath, ['spec']),
    ...validateScalePath(`${path}.scale.statusReplicasPath`, statusReplicasPath, ['status']),
    ...(labelSelectorPath === ''
      ? []
      : validateScalePath(`${path}.scale.labelSelectorPath`, labelSelectorPath, ['spec', 'status'])),
  ]
}

function validateScalePath(path: string, value: string, roots: readonly string[]): FieldError[] {
  if (value === '') return [required(path)]
  const problem = simplePathProblem(value)
  if (problem !== undefined) return [invalid(path, value, problem)]
  if (roots.some((root) => value.startsWith(`.${root}.`))) return []
  const words = roots.length === 1 ? `under .${roots[0]}` : 'under either .spec or .status'
  return [invalid(path, value, `should be a json path ${words}`)]
}

/** Fields alone: no lists, no filters. */
function simplePathProblem(value: string): string | undefined {
  if (!value.startsWith('.')) return 'must be a simple json path starting with .'
  const problem = pathProblem(value)
  if (problem !== undefined) return problem
  return parseJsonPath(value).fields === undefined ? 'must be a simple json path without array notation' : undefined
}

function pathProblem(value: string): string | undefined {
  try {
    parseJsonPath(value)
    return undefined
  } catch (error) {
    if (error instanceof JsonPathError) return error.message
    throw error
  }
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function validateColumn(
  { name = '', type, format, jsonPath = '' }: CustomResourceColumnDefinition,
  path: string,
): FieldError[] {
  const problem = jsonPath === '' ? undefined : pathProblem(jsonPath)
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...checkOneOf(`${path}.type`, type, columnTypes),
    ...(format === undefined || format === '' ? [] : checkOneOf(`${path}.format`, format, columnFormats)),
    ...(jsonPath === '' ? [required(`${path}.jsonPath`)] : []),
    ...(problem === undefined ? [] : [invalid(`${path}.jsonPath`, jsonPath, problem)]),
  ]
}

function validateSelectable(
  { selectableFields = [], schema }: CustomResourceDefinitionVersion,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (selectableFields.length > selectableLimit)
    errors.push({
      ...{ type: 'FieldValueTooMany', path, value: selectableFields.length },
      detail: `must have at most ${selectableLimit} items`,
    })
  const seen = new Set<string>()
  for (const [index, { jsonPath = '' }] of selectableFields.entries()) {
    const at = `${path}[${index}].jsonPath`
    if (jsonPath === '') errors.push(required(at))
    else if (seen.has(jsonPath)) errors.push(duplicate(at, jsonPath))
    else {
      const problem = simplePathProblem(jsonPath) ?? selectableProblem(jsonPath, schema?.openAPIV3Schema)
      if (problem !== undefined) errors.push(invalid(at, jsonPath, problem))
    }
    seen.add(jsonPath)
  }
  return errors
}

function selectableProblem(jsonPath: string, root: JSONSchemaProps | undefined): string | undefined {
  const fields = parseJsonPath(jsonPath).fields ?? []
  if (fields[0] === 'metadata') return 'must not point to fields in metadata'
  let schema = root
  for (const name of fields) {
    const properties: Readonly<Record<string, JSONSchemaProps>> = schema?.properties ?? {}
    schema = Object.hasOwn(properties, name) ? properties[name] : undefined
  }
  if (schema === undefined) return 'is an invalid path: does not refer to a valid field'
  const { type = '' } = schema
  return ['string', 'boolean', 'integer'].includes(type)
    ? undefined
    : 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
}
