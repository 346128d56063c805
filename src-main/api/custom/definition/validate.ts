/** The rules of a CustomResourceDefinition. */
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkOneOf, checkUnchanged, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dns1035LabelProblems, dnsSubdomainProblems } from '../../meta/names.ts'
import type {
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
} from '../../types/apiextensions-v1.ts'
import { approvalAnnotation, validateApproval } from './approval.ts'
import { validateVersion } from './validate-version.ts'

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = definition
  const expected = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`
  return [
    ...(metadata?.name === expected
      ? []
      : [invalid('metadata.name', metadata?.name ?? '', 'must be spec.names.plural+"."+spec.group')]),
    ...validateSpec(spec, undefined),
    ...validateApproval(definition),
    ...validateStoredVersions(definition),
  ]
}

/** Schemas that have not changed are not looked at again: they were accepted once. */
export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  previous: CustomResourceDefinition,
): FieldError[] {
  const { spec } = definition
  const before = previous.spec as CustomResourceDefinitionSpec | undefined
  const established = previous.status?.conditions?.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  )
  const approved = previous.metadata?.annotations?.[approvalAnnotation] !== undefined
  return [
    ...(sameValue(spec, before) ? [] : validateSpec(spec, before)),
    ...checkUnchanged('spec.group', spec.group, before?.group),
    ...checkUnchanged('spec.names.plural', spec.names?.plural, before?.names?.plural),
    ...(established === true
      ? [
          ...checkUnchanged('spec.scope', spec.scope, before?.scope),
          ...checkUnchanged('spec.names.kind', spec.names?.kind, before?.names?.kind),
        ]
      : []),
    ...(approved ? validateApproval(definition) : []),
    ...validateStoredVersions(definition),
  ]
}

function validateSpec(
  spec: CustomResourceDefinitionSpec,
  before: CustomResourceDefinitionSpec | undefined,
): FieldError[] {
  return [
    ...validateGroup(spec.group ?? ''),
    ...checkOneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced']),
    ...validateVersions(spec, before),
    ...(spec.names === undefined ? [required('spec.names')] : validateNames(spec.names)),
    ...validateConversion(spec.conversion),
    ...(spec.preserveUnknownFields === true && before?.preserveUnknownFields !== true
      ? [
          invalid(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ]
}

function validateGroup(group: string): FieldError[] {
  if (group === '') return [required('spec.group')]
  const problems = problemsAt('spec.group', group, dnsSubdomainProblems(group))
  return problems.length > 0 || group.includes('.')
    ? problems
    : [invalid('spec.group', group, 'should be a domain with at least one dot')]
}

function validateVersions(
  spec: CustomResourceDefinitionSpec,
  before: CustomResourceDefinitionSpec | undefined,
): FieldError[] {
  const versions = spec.versions ?? []
  const path = 'spec.versions'
  const names = versions.map(({ name }) => name)
  const stored = versions.filter(({ storage }) => storage).length
  return [
    ...versions.flatMap((version, index) => {
      const old = before?.versions?.find(({ name }) => name === version.name)
      return sameValue(version, old) ? [] : validateVersion(version, old, `${path}[${index}]`)
    }),
    ...(new Set(names).size === names.length ? [] : [invalid(path, names, 'must contain unique version names')]),
    ...(stored === 1 ? [] : [invalid(path, names, 'must have exactly one version marked as storage version')]),
  ]
}

function validateNames(names: CustomResourceDefinitionNames): FieldError[] {
  const path = 'spec.names'
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names
  const label = (at: string, value: string): FieldError[] => problemsAt(at, value, dns1035LabelProblems(value))
  const mixedCase = (at: string, value: string): FieldError[] =>
    dns1035LabelProblems(value.toLowerCase()).map((problem) =>
      invalid(at, value, `may have mixed case, but should otherwise match: ${problem}`),
    )
  return [
    ...(plural === '' ? [required(`${path}.plural`)] : label(`${path}.plural`, plural)),
    ...(singular === '' ? [required(`${path}.singular`)] : label(`${path}.singular`, singular)),
    ...(kind === '' ? [required(`${path}.kind`)] : mixedCase(`${path}.kind`, kind)),
    ...(listKind === '' ? [required(`${path}.listKind`)] : mixedCase(`${path}.listKind`, listKind)),
    ...(kind !== '' && kind === listKind
      ? [invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...shortNames.flatMap((name, index) => label(`${path}.shortNames[${index}]`, name)),
    ...categories.flatMap((name, index) => label(`${path}.categories[${index}]`, name)),
  ]
}

function validateConversion(conversion: CustomResourceConversion | undefined): FieldError[] {
  const path = 'spec.conversion'
  const { strategy, webhook } = conversion ?? {}
  const unknown = checkOneOf(`${path}.strategy`, strategy, ['None', 'Webhook'])
  if (unknown.length > 0) return unknown
  if (strategy === 'None')
    return webhook === undefined
      ? []
      : [forbidden(`${path}.webhook`, 'should not be set when strategy is not set to Webhook')]
  if (webhook === undefined)
    return [required(`${path}.webhook.clientConfig`, 'required when strategy is set to Webhook')]
  const versions = webhook.conversionReviewVersions ?? []
  const reviews = `${path}.webhook.conversionReviewVersions`
  const { url, service } = webhook.clientConfig ?? {}
  const client = `${path}.webhook.clientConfig`
  return [
    ...(webhook.clientConfig === undefined ? [required(client, 'required when strategy is set to Webhook')] : []),
    ...(webhook.clientConfig !== undefined && (url === undefined) === (service === undefined)
      ? [required(client, 'exactly one of url or service is required')]
      : []),
    ...(url === undefined ? [] : validateUrl(`${client}.url`, url)),
    ...(service === undefined
      ? []
      : [
          ...((service.name ?? '') === '' ? [required(`${client}.service.name`, 'service name is required')] : []),
          ...((service.namespace ?? '') === ''
            ? [required(`${client}.service.namespace`, 'service namespace is required')]
            : []),
          ...(service.port !== undefined && (service.port < 1 || service.port > 65_535)
            ? [
                invalid(
                  `${client}.service.port`,
                  service.port,
                  'port is not valid: must be between 1 and 65535, inclusive',
                ),
              ]
            : []),
        ]),
    ...(versions.length === 0 ? [required(reviews)] : []),
    ...(versions.length === 0 || versions.includes('v1') || versions.includes('v1beta1')
      ? []
      : [invalid(reviews, versions, 'must include at least one of v1, v1beta1')]),
    ...(new Set(versions).size === versions.length ? [] : [invalid(reviews, versions, 'duplicate version')]),
  ]
}

function validateUrl(path: string, text: string): FieldError[] {
  if (!URL.canParse(text)) return [invalid(path, text, 'url must be a valid URL')]
  const { protocol, host, username, search, hash } = new URL(text)
  return [
    ...(protocol === 'https:' ? [] : [invalid(path, protocol.slice(0, -1), "'https' is the only allowed URL scheme")]),
    ...(host === '' ? [invalid(path, host, 'host must be specified')] : []),
    ...(username === '' ? [] : [invalid(path, username, 'user information is not permitted in the URL')]),
    ...(hash === '' ? [] : [invalid(path, hash, 'fragments are not permitted in the URL')]),
    ...(search === '' ? [] : [invalid(path, search, 'query parameters are not permitted in the URL')]),
  ]
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const stored = status?.storedVersions ?? []
  const path = 'status.storedVersions'
  const storage = spec.versions?.find((version) => version.storage)?.name
  if (stored.length === 0) return [invalid(path, stored, 'must have at least one stored version')]
  return [
    ...stored.flatMap((name, index) =>
      spec.versions?.some((version) => version.name === name) === true
        ? []
        : [
            invalid(
              `${path}[${index}]`,
              name,
              `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
            ),
          ],
    ),
    ...(storage === undefined || stored.includes(storage)
      ? []
      : [notSupported(path, stored, [`must have the storage version ${storage}`])]),
  ]
}
