/** The rules of a CustomResourceDefinition. */
import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkOneOf, checkUnchanged, sameValue } from '../../meta/field-checks.ts'
import { dns1035LabelProblems, dnsSubdomainProblems } from '../../meta/names.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from '../../types/apiextensions-v1.ts'
import { validateApproval, validateApprovalUpdate } from './approval.ts'
import { validateConversion } from './validate-conversion.ts'
import { checkJoined, requireNames, validateNames } from './validate-names.ts'
import { hasDefault, validateVersionParts } from './validate-version.ts'

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec, status } = definition
  const expected = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`
  return [
    ...(metadata?.name === expected
      ? []
      : [invalid('metadata.name', metadata?.name ?? '', 'must be spec.names.plural+"."+spec.group')]),
    ...validateSpec(spec, undefined),
    ...validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames'),
    ...validateStoredVersions(definition),
    ...validateApproval(definition),
    ...validatePreserving(spec, undefined),
  ]
}

/** Schemas that have not changed are not looked at again: they were accepted once. */
export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  previous: CustomResourceDefinition,
): FieldError[] {
  const { spec, status } = definition
  const before = previous.spec as CustomResourceDefinitionSpec | undefined
  const established = previous.status?.conditions?.some(
    ({ type, status: state }) => type === 'Established' && state === 'True',
  )
  return [
    ...(sameValue(spec, before) ? [] : validateSpec(spec, before)),
    ...(established === true
      ? [
          ...checkUnchanged('spec.scope', spec.scope, before?.scope),
          ...checkUnchanged('spec.names.kind', spec.names?.kind, before?.names?.kind),
        ]
      : []),
    ...checkUnchanged('spec.group', spec.group, before?.group),
    ...checkUnchanged('spec.names.plural', spec.names?.plural, before?.names?.plural),
    ...validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames'),
    ...validateStoredVersions(definition),
    ...validateApprovalUpdate(definition, previous),
    ...validatePreserving(spec, before),
  ]
}

function validateSpec(
  spec: CustomResourceDefinitionSpec,
  before: CustomResourceDefinitionSpec | undefined,
): FieldError[] {
  const names: Partial<CustomResourceDefinitionSpec['names']> = spec.names ?? {}
  const keepsUnknown = spec.preserveUnknownFields === true
  const { strategy = '' } = spec.conversion ?? {}
  const { ofVersions, ofAll } = validateVersionParts(spec.versions ?? [], before?.versions ?? [])
  return [
    ...validateGroup(spec.group ?? ''),
    ...checkOneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced']),
    ...requireSchemas(spec),
    ...(keepsUnknown && hasDefaults(spec)
      ? [invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema')]
      : []),
    ...ofVersions,
    ...validateVersionNames(spec),
    ...requireNames(names, 'spec.names'),
    ...validateNames(names, 'spec.names'),
    ...ofAll,
    ...(keepsUnknown && spec.conversion !== undefined && strategy !== 'None'
      ? [invalid('spec.conversion.strategy', strategy, 'must be None if spec.preserveUnknownFields is true')]
      : []),
    ...validateConversion(spec.conversion),
  ]
}

const requireSchemas = ({ versions = [] }: CustomResourceDefinitionSpec): FieldError[] =>
  versions.flatMap(({ schema }, index) =>
    schema?.openAPIV3Schema === undefined
      ? [required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')]
      : [],
  )

const hasDefaults = ({ versions = [] }: CustomResourceDefinitionSpec): boolean =>
  versions.some(({ schema }) => schema?.openAPIV3Schema !== undefined && hasDefault(schema.openAPIV3Schema))

function validatePreserving(
  spec: CustomResourceDefinitionSpec,
  before: CustomResourceDefinitionSpec | undefined,
): FieldError[] {
  if (spec.preserveUnknownFields !== true || before?.preserveUnknownFields === true) return []
  const words =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  return [invalid('spec.preserveUnknownFields', true, words)]
}

function validateGroup(group: string): FieldError[] {
  if (group === '') return [required('spec.group')]
  const problems = checkJoined('spec.group', group, dnsSubdomainProblems(group))
  return problems.length > 0 || group.includes('.')
    ? problems
    : [invalid('spec.group', group, 'should be a domain with at least one dot')]
}

function validateVersionNames({ versions = [] }: CustomResourceDefinitionSpec): FieldError[] {
  const path = 'spec.versions'
  const names = versions.map(({ name }) => name)
  const [first] = names
  const stored = versions.filter(({ storage }) => storage).length
  return [
    ...(new Set(names).size === names.length ? [] : [invalid(path, names, 'must contain unique version names')]),
    ...(stored === 1 ? [] : [invalid(path, names, 'must have exactly one version marked as storage version')]),
    // The first version has a field of its own in the form in which Kubernetes checks a definition.
    ...(first === undefined || first === '' ? [] : checkJoined('spec.version', first, dns1035LabelProblems(first))),
  ]
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const stored = status?.storedVersions ?? []
  const path = 'status.storedVersions'
  const versions = spec.versions ?? []
  const names = new Set(versions.map(({ name }) => name))
  if (stored.length === 0) return [invalid(path, stored, 'must have at least one stored version')]
  return [
    ...versions
      .filter(({ name, storage }) => storage && !stored.includes(name))
      .map(({ name }) => invalid(path, stored, `must have the storage version ${name}`)),
    ...stored.flatMap((name, index) =>
      names.has(name)
        ? []
        : [
            invalid(
              `${path}[${index}]`,
              name,
              `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
            ),
          ],
    ),
  ]
}
