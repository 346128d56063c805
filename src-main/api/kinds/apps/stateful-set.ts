import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems } from '../../meta/names.ts'
import type { StatefulSet, StatefulSetSpec } from '../../types/apps-v1.ts'
import { ofNewSpec } from '../../warnings/new-spec.ts'
import { statefulSetWarnings } from '../../warnings/workload-warnings.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { defaultClaim } from '../core/claim-defaults.ts'
import { validateClaimSpec } from '../core/claim-validation.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, containerColumns, nameColumn } from '../table-columns.ts'
import { validateCollisions, validateCounts } from './status-validation.ts'
import { checkCounts, validateAtMostAll, validateShare, isZeroShare, validateWorkload } from './workload-validation.ts'

const words = { selectorOf: 'statefulset', templateOf: 'StatefulSet', unreadable: '' }

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

function validateManagement(policy = ''): FieldError[] {
  const path = 'spec.podManagementPolicy'
  if (policy === '') return [required(path)]
  return policy === 'OrderedReady' || policy === 'Parallel'
    ? []
    : [invalid(path, policy, "must be 'OrderedReady' or 'Parallel'")]
}

function validateRetention({ persistentVolumeClaimRetentionPolicy: retention }: StatefulSetSpec): FieldError[] {
  const policies = ['Retain', 'Delete']
  return (['whenDeleted', 'whenScaled'] as const)
    .filter((when) => !policies.includes(retention?.[when] ?? ''))
    .map((when) => notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, retention?.[when], policies))
}

function validateStrategy({ updateStrategy: strategy }: StatefulSetSpec): FieldError[] {
  const path = 'spec.updateStrategy'
  const { type = '', rollingUpdate } = strategy ?? {}
  const at = `${path}.rollingUpdate`
  switch (type) {
    case '':
      return [required(path)]
    case 'OnDelete':
      return rollingUpdate === undefined
        ? []
        : [invalid(at, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
    case 'RollingUpdate': {
      const { partition, maxUnavailable } = rollingUpdate ?? {}
      return [
        ...checkNotNegative(`${at}.partition`, partition),
        ...validateShare(`${at}.maxUnavailable`, maxUnavailable),
        ...(isZeroShare(maxUnavailable) ? [invalid(`${at}.maxUnavailable`, maxUnavailable, 'cannot be 0')] : []),
        ...validateAtMostAll(`${at}.maxUnavailable`, maxUnavailable),
      ]
    }
    default:
      return [invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")]
  }
}

const counted = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const

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
    if (spec === undefined) return validateWorkload({}, words)
    const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? '')
    return [
      ...validateManagement(spec.podManagementPolicy),
      ...validateStrategy(spec),
      ...validateRetention(spec),
      ...checkCounts(spec, ['replicas', 'minReadySeconds']),
      ...checkNotNegative('spec.ordinals.start', spec.ordinals?.start),
      ...checkCounts(spec, ['revisionHistoryLimit']),
      ...validateWorkload(spec, words, claims),
    ]
  },
  // Names were less strict once; pods of such a name cannot be made, so a new set must have a good one.
  validateNew({ metadata, spec }) {
    const { name = '' } = metadata ?? {}
    const service = spec?.serviceName ?? ''
    return [
      ...(dnsSubdomainProblems(name).length > 0 ? [] : problemsAt('metadata.name', name, dnsLabelProblems(name))),
      ...(service === '' ? [] : problemsAt('spec.serviceName', service, dnsLabelProblems(service))),
      // They cannot be changed later, so what is stored is not looked at again.
      ...checkEach('spec.volumeClaimTemplates', spec?.volumeClaimTemplates, (claim, at) =>
        validateClaimSpec(claim.spec, `${at}.spec`),
      ),
    ]
  },
  validateUpdate: (object, previous) => validateUpdate(object.spec, previous.spec),
  validateStatus: ({ status }, { status: before }) => [
    ...validateCounts(status, ['replicas', ...counted, 'observedGeneration'], counted, 'replicas', 'status.replicas'),
    ...validateCounts(status, [], ['availableReplicas'], 'readyReplicas', 'status.readyReplicas'),
    ...validateCollisions(status, before),
  ],
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { replicas: 0, availableReplicas: 0 }
  },
  warn: ofNewSpec(statefulSetWarnings),
})
