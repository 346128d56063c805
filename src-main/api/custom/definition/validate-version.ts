/**
 * The rules of the versions of a CRD: their schemas, subresources, columns and selectable fields. What all versions have
 * in common Kubernetes checks once, at the place where it used to stand.
 */
import { duplicate, invalid, required, tooMany, type FieldError } from '../../field-error.ts'
import { sameValue } from '../../meta/field-checks.ts'
import { dns1035LabelProblems } from '../../meta/names.ts'
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  JSONSchemaProps,
} from '../../types/apiextensions-v1.ts'
import { isSchema } from '../read-schema.ts'
import { JsonPathError, parseJsonPath } from '../json-path.ts'
import { followFieldPath } from './field-path.ts'
import { validateDefaults } from './validate-defaults.ts'
import { checkJoined } from './validate-names.ts'
import { validateRoot } from './validate-root.ts'
import { validateSchema } from './validate-schema.ts'

const warningLimit = 256
const selectableLimit = 8

type Version = CustomResourceDefinitionVersion

const same = (versions: readonly Version[], of: (version: Version) => unknown): boolean =>
  versions.every((version) => sameValue(of(version), of(versions[0] ?? version)))

/** The errors of each version, and of what they share; versions that are as they were were accepted once. */
export function validateVersionParts(
  versions: readonly Version[],
  before: readonly Version[],
): { ofVersions: FieldError[]; ofAll: FieldError[] } {
  const shared: Shared = {
    schema: same(versions, ({ schema }) => schema),
    subresources: same(versions, ({ subresources }) => subresources),
    columns: same(versions, ({ additionalPrinterColumns = [] }) => additionalPrinterColumns),
    selectable: same(versions, ({ selectableFields = [] }) => selectableFields),
  }
  const known = new Map(before.map((version) => [version.name, version]))
  const ofVersions = versions.flatMap((version, index) => {
    const old = known.get(version.name)
    return sameValue(version, old) ? [] : validateVersion(version, old, shared, `spec.versions[${index}]`)
  })
  const changed = versions.find((version) => !sameValue(version, known.get(version.name)))
  return { ofVersions, ofAll: changed === undefined ? [] : validateShared(changed, known, versions, shared) }
}

interface Shared {
  readonly schema: boolean
  readonly subresources: boolean
  readonly columns: boolean
  readonly selectable: boolean
}

function validateVersion(version: Version, before: Version | undefined, shared: Shared, path: string): FieldError[] {
  const schema = version.schema?.openAPIV3Schema
  const { selectableFields = [] } = version
  const at = `${path}.selectableFields`
  return [
    ...checkJoined(`${path}.name`, version.name, dns1035LabelProblems(version.name)),
    ...validateWarning(version, path),
    ...(shared.schema || schema === undefined || sameValue(schema, before?.schema?.openAPIV3Schema)
      ? []
      : validateWholeSchema(schema, hasStatus(version), `${path}.schema.openAPIV3Schema`)),
    ...(shared.subresources ? [] : validateSubresources(version.subresources, `${path}.subresources`)),
    ...(shared.columns ? [] : validateColumns(version.additionalPrinterColumns, path)),
    ...((shared.schema && shared.selectable) || selectableFields.length === 0
      ? []
      : shared.schema || schema === undefined
        ? [invalid(at, '', 'selectableFields may only be set when version.schema.openAPIV3Schema is not included')]
        : validateSelectable(selectableFields, schema, at)),
  ]
}

function validateShared(
  changed: Version,
  known: ReadonlyMap<string, Version>,
  versions: readonly Version[],
  shared: Shared,
): FieldError[] {
  const schema = changed.schema?.openAPIV3Schema
  const { selectableFields = [] } = changed
  const isKnown = [...known.values()].some((old) => sameValue(schema, old.schema?.openAPIV3Schema))
  return [
    ...(!shared.schema || schema === undefined || isKnown
      ? []
      : validateWholeSchema(schema, versions.some(hasStatus), 'spec.validation.openAPIV3Schema')),
    ...(shared.subresources ? validateSubresources(changed.subresources, 'spec.subresources') : []),
    ...(shared.columns ? validateColumns(changed.additionalPrinterColumns, 'spec') : []),
    ...(!shared.schema || !shared.selectable || selectableFields.length === 0
      ? []
      : schema === undefined
        ? [invalid('spec.selectableFields', '', 'selectableFields may only be set when validations.schema is included')]
        : validateSelectable(selectableFields, schema, 'spec.selectableFields')),
  ]
}

const hasStatus = ({ subresources }: Version): boolean => subresources?.status !== undefined

/** Defaults can only be checked with a schema that makes sense. */
function validateWholeSchema(schema: JSONSchemaProps, status: boolean, path: string): FieldError[] {
  const errors = [...validateRoot(schema, status, path), ...validateSchema(schema, path)]
  return errors.length > 0 || !hasDefault(schema) ? errors : validateDefaults(schema, path)
}

/** Anywhere in a schema that has been found structural. */
export function hasDefault({ default: own, properties, additionalProperties, items }: JSONSchemaProps): boolean {
  if (own !== undefined) return true
  for (const name in properties ?? {}) {
    const property = properties?.[name]
    if (property !== undefined && hasDefault(property)) return true
  }
  return (isSchema(additionalProperties) && hasDefault(additionalProperties)) || (isSchema(items) && hasDefault(items))
}

function validateWarning({ deprecated, deprecationWarning: warning }: Version, path: string): FieldError[] {
  const refuse = (words: string): FieldError => invalid(`${path}.deprecationWarning`, warning, words)
  if (warning === undefined) return []
  if (deprecated !== true) return [refuse('can only be set for deprecated versions')]
  const odd = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning)
  const found = 'must only contain printable UTF-8 characters; non-printable character found at index'
  return [
    ...(byteLength(warning) > warningLimit ? [refuse('must be <= 256 characters long')] : []),
    ...(warning === '' ? [refuse('must not be an empty string')] : []),
    ...(odd === null ? [] : [refuse(`${found} ${byteLength(warning.slice(0, odd.index))}`)]),
  ]
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length

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

const validateColumns = (columns: readonly CustomResourceColumnDefinition[] = [], path: string): FieldError[] =>
  columns.flatMap((column, index) => validateColumn(column, `${path}.additionalPrinterColumns[${index}]`))

/** A path that leads nowhere is no error: the kind is shown as if it had no columns. */
function validateColumn(
  { name = '', type = '', format = '', jsonPath = '' }: Partial<CustomResourceColumnDefinition>,
  path: string,
): FieldError[] {
  const types = `must be one of ${columnTypes.join(',')}`
  const at = `${path}.JSONPath`
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...(type === '' ? [required(`${path}.type`, types)] : []),
    ...(type === '' || columnTypes.includes(type) ? [] : [invalid(`${path}.type`, type, types)]),
    ...(format === '' || columnFormats.includes(format)
      ? []
      : [invalid(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`)]),
    ...(jsonPath === '' ? [required(at)] : []),
    ...(jsonPath === '' || jsonPath.startsWith('.')
      ? []
      : [invalid(at, jsonPath, 'must be a simple json path starting with .')]),
  ]
}

function validateSelectable(
  fields: NonNullable<Version['selectableFields']>,
  schema: JSONSchemaProps,
  path: string,
): FieldError[] {
  const seen = new Set<string>()
  const errors = fields.flatMap(({ jsonPath = '' }, index) => {
    const at = `${path}[${index}].jsonPath`
    if (jsonPath === '') return [required(at)]
    const found = followFieldPath(jsonPath, schema, false)
    if (found.problem !== undefined) return [invalid(at, jsonPath, `is an invalid path: ${found.problem}`)]
    const place = found.names.join('.')
    const isRepeat = seen.has(place)
    seen.add(place)
    return [
      ...(found.names[0] === 'metadata' ? [invalid(at, jsonPath, 'must not point to fields in metadata')] : []),
      ...(['string', 'boolean', 'integer'].includes(found.schema.type ?? '')
        ? []
        : [
            invalid(
              at,
              jsonPath,
              'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
            ),
          ]),
      ...(isRepeat ? [duplicate(at, jsonPath)] : []),
    ]
  })
  return seen.size > selectableLimit ? [...errors, tooMany(path, seen.size, selectableLimit)] : errors
}
