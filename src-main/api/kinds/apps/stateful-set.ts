import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, required, type FieldError } from '../../field-error.ts'
import { checkNotNegative, checkOneOf, sameValue } from '../../meta/field-checks.ts'
import type { StatefulSet, StatefulSetSpec } from '../../types/apps-v1.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { defaultClaim } from '../core/claim-defaults.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, containerColumns, nameColumn } from '../table-columns.ts'
import { validateReplicas, validateWorkload } from './workload-validation.ts'

const columns: readonly Column<StatefulSet>[] = [
  nameColumn,
  column('Ready', 'string', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
  ageColumn,
  ...containerColumns<StatefulSet>(({ spec }) => spec?.template?.spec),
]

function defaultSpec(draft: StatefulSetSpec): void {
  draft.replicas ??= 1
  draft.revisionHistoryLimit ??= 10
  draft.podManagementPolicy ??= 'OrderedReady'
  draft.updateStrategy ??= {}
  draft.updateStrategy.type ??= 'RollingUpdate'
  if (draft.updateStrategy.type === 'RollingUpdate') {
    draft.updateStrategy.rollingUpdate ??= {}
    draft.updateStrategy.rollingUpdate.partition ??= 0
  }
  draft.persistentVolumeClaimRetentionPolicy ??= {}
  draft.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain'
  draft.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain'
  defaultPodTemplate(draft.template)
  for (const claim of draft.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= 'v1'
    claim.kind ??= 'PersistentVolumeClaim'
    defaultClaim(claim)
    claim.status ??= { phase: 'Pending' }
  }
}

/** The fields that an update may change; all others are as they were on creation. */
const changeable: readonly (keyof StatefulSetSpec)[] = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

function validateUpdate(spec: StatefulSetSpec | undefined, before: StatefulSetSpec | undefined): FieldError[] {
  const fixed = (all: StatefulSetSpec | undefined): object =>
    Object.fromEntries(Object.entries(all ?? {}).filter(([name]) => !(changeable as readonly string[]).includes(name)))
  if (sameValue(fixed(spec), fixed(before))) return []
  const words =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
  return [forbidden('spec', words)]
}

export const statefulSet = defineKind<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  short: ['sts'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: {
    status: true,
    scale: { spec: '.spec.replicas', status: '.status.replicas', selector: '.spec.selector' },
  },
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec !== undefined) defaultSpec(spec)
  },
  validate({ spec }) {
    if (spec === undefined) return [required('spec.selector'), required('spec.template')]
    const { updateStrategy, podManagementPolicy } = spec
    const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? '')
    const partition = updateStrategy?.rollingUpdate?.partition
    return [
      ...validateReplicas(spec),
      ...checkNotNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
      ...checkOneOf('spec.podManagementPolicy', podManagementPolicy, ['OrderedReady', 'Parallel']),
      ...checkOneOf('spec.updateStrategy.type', updateStrategy?.type, ['OnDelete', 'RollingUpdate']),
      ...checkNotNegative('spec.updateStrategy.rollingUpdate.partition', partition),
      ...checkNotNegative('spec.ordinals.start', spec.ordinals?.start),
      ...validateWorkload(spec, 'statefulset', claims),
    ]
  },
  validateUpdate: (object, previous) => validateUpdate(object.spec, previous.spec),
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { replicas: 0 }
  },
})
