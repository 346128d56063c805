import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import {
  checkEach,
  checkOptionalOneOf,
  checkRequired,
  checkUnchanged,
  problemsAt,
  sameValue,
} from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../../types/core-v1.ts'
import { volumeObjectWarnings } from '../../warnings/volume-object-warnings.ts'
import { ageColumn, column, nameColumn, unset, wideColumn } from '../table-columns.ts'
import { accessModes, accessModesText } from './access-modes.ts'
import { checkPositiveQuantity } from './pod-spec/resources.ts'

function claimText({ spec }: PersistentVolume): string {
  const { claimRef } = spec ?? {}
  return claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`
}

const columns: readonly Column<PersistentVolume>[] = [
  nameColumn,
  column('Capacity', 'string', ({ spec }) => spec?.capacity?.storage ?? '0'),
  column('Access Modes', 'string', ({ spec }) => accessModesText(spec?.accessModes)),
  column('Reclaim Policy', 'string', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
  column('Status', 'string', ({ metadata, status }) =>
    metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
  ),
  column('Claim', 'string', claimText),
  column('StorageClass', 'string', ({ spec }) => spec?.storageClassName ?? ''),
  column('VolumeAttributesClass', 'string', ({ spec }) => spec?.volumeAttributesClassName ?? unset),
  column('Reason', 'string', ({ status }) => status?.reason ?? ''),
  ageColumn,
  wideColumn('VolumeMode', 'string', ({ spec }) => spec?.volumeMode ?? unset),
]

/** Fields of the spec that are not the source of the volume. */
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

/** Where the data lies. */
const sourcesOf = (spec: PersistentVolumeSpec): object =>
  Object.fromEntries(Object.entries(spec).filter(([field]) => !notSources.has(field)))

/** What the sources that are in use here must say. */
function validateSource(spec: PersistentVolumeSpec): FieldError[] {
  const { hostPath, local, nfs, csi, nodeAffinity, persistentVolumeReclaimPolicy: policy } = spec
  const upwards = (path: string, place: string): FieldError[] =>
    place.split('/').includes('..') ? [invalid(path, place, "must not contain '..'")] : []
  return [
    ...(hostPath === undefined
      ? []
      : [...checkRequired('spec.hostPath.path', hostPath.path), ...upwards('spec.hostPath.path', hostPath.path ?? '')]),
    ...(hostPath?.path === '/' && policy === 'Recycle'
      ? [forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...(local === undefined
      ? []
      : [...checkRequired('spec.local.path', local.path), ...upwards('spec.local.path', local.path ?? '')]),
    ...(local !== undefined && nodeAffinity?.required === undefined
      ? [required('spec.nodeAffinity', 'Local volume requires node affinity')]
      : []),
    ...(nfs === undefined
      ? []
      : [...checkRequired('spec.nfs.server', nfs.server), ...checkRequired('spec.nfs.path', nfs.path)]),
    ...(csi === undefined
      ? []
      : [...checkRequired('spec.csi.driver', csi.driver), ...checkRequired('spec.csi.volumeHandle', csi.volumeHandle)]),
  ]
}

function validateSpec(spec: PersistentVolumeSpec): FieldError[] {
  const { accessModes: modes = [], capacity = {}, storageClassName = '' } = spec
  const sources = Object.keys(spec).filter((field) => !notSources.has(field))
  const policies = ['Delete', 'Recycle', 'Retain']
  return [
    ...(modes.length === 0 ? [required('spec.accessModes')] : []),
    ...checkEach('spec.accessModes', modes, (mode) => checkOptionalOneOf('spec.accessModes', mode, accessModes)),
    ...(capacity.storage === undefined
      ? [required('spec.capacity')]
      : checkPositiveQuantity('spec.capacity[storage]', capacity.storage)),
    ...(capacity.storage !== undefined && Object.keys(capacity).length > 1
      ? [notSupported('spec.capacity', capacity, ['storage'])]
      : []),
    ...(modes.length > 1 && modes.includes('ReadWriteOncePod')
      ? [forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes')]
      : []),
    ...checkOptionalOneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']),
    ...(storageClassName === ''
      ? []
      : problemsAt('spec.storageClassName', storageClassName, dnsSubdomainProblems(storageClassName))),
    ...validateSource(spec),
    ...checkOptionalOneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, policies),
    ...(sources.length === 0 ? [required('spec', 'must specify a volume type')] : []),
    ...sources.slice(1).map((field) => forbidden(`spec.${field}`, 'may not specify more than 1 volume type')),
  ]
}

export const persistentVolume = defineKind<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  short: ['pv'],
  scope: 'Cluster',
  subresources: { status: true },
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec === undefined) return
    spec.persistentVolumeReclaimPolicy ??= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    if (spec.hostPath !== undefined) spec.hostPath.type ??= ''
  },
  validate: ({ spec }) => validateSpec(spec ?? {}),
  validateUpdate: ({ spec = {} }, { spec: before = {} }) => [
    ...(sameValue(sourcesOf(spec), sourcesOf(before))
      ? []
      : [forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')]),
    ...checkUnchanged('spec.volumeMode', spec.volumeMode, before.volumeMode),
    ...(before.nodeAffinity === undefined
      ? []
      : checkUnchanged('spec.nodeAffinity', spec.nodeAffinity, before.nodeAffinity)),
  ],
  prepareCreate(draft) {
    draft.status = { phase: 'Pending' }
  },
  warn: volumeObjectWarnings,
})
