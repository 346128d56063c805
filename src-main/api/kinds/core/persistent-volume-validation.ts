import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import { formatQuantity, parseQuantity, wholeValue } from '../../meta/quantity.ts'
import type { PersistentVolumeSpec, VolumeNodeAffinity } from '../../types/core-v1.ts'
import { validateAccessModes } from './access-modes.ts'
import { validateNodeTerm } from './pod-spec/placement.ts'
import { validatePersistentSources } from './volume-sources/persistent-sources.ts'

const policies = ['Delete', 'Recycle', 'Retain']
export const volumeModes = ['Block', 'Filesystem']

/** The spec of a volume object of this name. */
export function validateVolumeSpec(spec: PersistentVolumeSpec, name: string, path: string): FieldError[] {
  const { storageClassName = '', persistentVolumeReclaimPolicy: policy = '' } = spec
  return [
    ...validateAccessModes(spec.accessModes, '', path),
    ...validateCapacity(spec.capacity, `${path}.capacity`),
    ...(policy === '' ? [] : checkOptionalOneOf(`${path}.persistentVolumeReclaimPolicy`, policy, policies)),
    ...validateAffinity(spec.nodeAffinity, `${path}.nodeAffinity`),
    ...validatePersistentSources(spec, name, path),
    ...validateRecycling(spec, path),
    ...(storageClassName === ''
      ? []
      : problemsAt(`${path}.storageClassName`, storageClassName, dnsSubdomainProblems(storageClassName))),
    ...checkOptionalOneOf(`${path}.volumeMode`, spec.volumeMode, volumeModes),
    ...validateAttributesClass(spec, path),
  ]
}

const inline = 'may not be specified in the context of inline volumes'

/** The spec of a volume that has no object of its own, which only drivers have. */
export function validateInlineVolume(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const { persistentVolumeReclaimPolicy: policy = '', volumeMode } = spec
  const only = (field: string, detail: string): FieldError => forbidden(`${path}.${field}`, detail)
  return [
    ...(spec.claimRef === undefined ? [] : [only('claimRef', inline)]),
    ...(Object.keys(spec.capacity ?? {}).length === 0 ? [] : [only('capacity', inline)]),
    ...(spec.csi === undefined
      ? [required(`${path}.csi`, 'has to be specified in the context of inline volumes')]
      : []),
    ...validateAccessModes(spec.accessModes, '', path),
    ...(policy === '' || policy === 'Retain'
      ? []
      : [only('persistentVolumeReclaimPolicy', 'may only be Retain in the context of inline volumes')]),
    ...(spec.nodeAffinity === undefined ? [] : [only('nodeAffinity', inline)]),
    ...validatePersistentSources(spec, '', path),
    ...validateRecycling(spec, path),
    ...((spec.storageClassName ?? '') === '' ? [] : [only('storageClassName', inline)]),
    ...(volumeMode === undefined || volumeMode === 'Filesystem'
      ? []
      : [only('volumeMode', 'may not specify volumeMode other than Filesystem in the context of inline volumes')]),
  ]
}

/** A volume has a size, and nothing else. */
function validateCapacity(capacity: Readonly<Record<string, string>> = {}, path: string): FieldError[] {
  const names = Object.keys(capacity)
  const isWhole = names.length === 1 && names[0] === 'storage'
  return [
    ...(names.length === 0 ? [required(path)] : []),
    ...(isWhole ? [] : [notSupported(path, names.length === 0 ? undefined : capacity, ['storage'])]),
    ...Object.entries(capacity).flatMap(([name, text]) => {
      const amount = parseQuantity(text)
      const at = `${path}[${name}]`
      return [
        ...(amount.nano < 0n ? [invalid(at, wholeValue(amount), 'must be a valid resource quantity')] : []),
        ...(amount.nano <= 0n ? [invalid(at, formatQuantity(amount), 'must be greater than zero')] : []),
      ]
    }),
  ]
}

function validateAffinity(affinity: VolumeNodeAffinity | undefined, path: string): FieldError[] {
  if (affinity === undefined) return []
  const at = `${path}.required`
  if (affinity.required === undefined) return [required(at, 'must specify required node constraints')]
  const { nodeSelectorTerms: terms = [] } = affinity.required
  return terms.length === 0
    ? [required(`${at}.nodeSelectorTerms`, 'must have at least one node selector term')]
    : checkEach(`${at}.nodeSelectorTerms`, terms, (term, one) => validateNodeTerm(term, one))
}

/** Whether a path leads to the root of a machine, however it goes there. */
function isRoot(place: string): boolean {
  if (!place.startsWith('/')) return false
  let depth = 0
  for (const part of place.split('/'))
    if (part === '..') depth = Math.max(0, depth - 1)
    else if (part !== '' && part !== '.') depth++
  return depth === 0
}

const validateRecycling = (spec: PersistentVolumeSpec, path: string): FieldError[] =>
  spec.persistentVolumeReclaimPolicy === 'Recycle' && isRoot(spec.hostPath?.path ?? '')
    ? [forbidden(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'")]
    : []

function validateAttributesClass(
  { volumeAttributesClassName: name, csi }: PersistentVolumeSpec,
  path: string,
): FieldError[] {
  if (name === undefined) return []
  const at = `${path}.volumeAttributesClassName`
  return [
    ...(name === ''
      ? [required(at, 'an empty string is disallowed')]
      : problemsAt(at, name, dnsSubdomainProblems(name))),
    ...(csi === undefined ? [required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName')] : []),
  ]
}

/** Labels of nodes under their first names, which a volume may leave for those of today. */
const laterKeys = new Map([
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
])

/** Where a volume can be reached from stays, once it is said. */
export function validateAffinityUpdate(
  affinity: VolumeNodeAffinity | undefined,
  before: VolumeNodeAffinity | undefined,
): FieldError[] {
  if (before === undefined || isSameAffinity(affinity, before)) return []
  return [invalid('nodeAffinity', affinity, 'field is immutable, except for updating from beta label to GA')]
}

function isSameAffinity(affinity: unknown, before: unknown): boolean {
  if (Array.isArray(affinity) && Array.isArray(before))
    return affinity.length === before.length && affinity.every((one, index) => isSameAffinity(one, before[index]))
  if (!isObject(affinity) || !isObject(before)) return affinity === before
  const keys = new Set([...Object.keys(affinity), ...Object.keys(before)])
  return [...keys].every((name) =>
    name === 'key'
      ? affinity[name] === before[name] || laterKeys.get(String(before[name])) === affinity[name]
      : isSameAffinity(affinity[name], before[name]),
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const notSources = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
])

/** Where the data lies stays; only the secret with which a driver grows it may come later. */
export function validateSourceUpdate(spec: PersistentVolumeSpec, before: PersistentVolumeSpec): FieldError[] {
  const comesLater = before.csi !== undefined && before.csi.controllerExpandSecretRef === undefined
  const source =
    comesLater && spec.csi !== undefined
      ? { ...spec, csi: { ...spec.csi, controllerExpandSecretRef: undefined } }
      : spec
  const sourcesOf = (one: object): object =>
    Object.fromEntries(Object.entries(one).filter(([field]) => !notSources.has(field)))
  return sameValue(sourcesOf(source), sourcesOf(before))
    ? []
    : [forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')]
}
