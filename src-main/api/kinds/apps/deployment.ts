import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, invalid, notSupported, type FieldError } from '../../field-error.ts'
import { checkNotNegative, checkUnchanged } from '../../meta/field-checks.ts'
import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../../types/apps-v1.ts'
import { ofNewSpec } from '../../warnings/new-spec.ts'
import { namedWorkloadWarnings } from '../../warnings/workload-warnings.ts'
import { startGeneration } from '../generation.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { ageColumn, column, containerColumns, nameColumn, selectorText, wideColumn } from '../table-columns.ts'
import { validateCollisions, validateCounts } from './status-validation.ts'
import { checkCounts, isZeroShare, validateAtMostAll, validateShare, validateWorkload } from './workload-validation.ts'

const words = { selectorOf: 'deployment', templateOf: 'ReplicaSet', unreadable: 'invalid label selector' }

const columns: readonly Column<Deployment>[] = [
  nameColumn,
  column('Ready', 'string', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
  column('Up-to-date', 'string', ({ status }) => status?.updatedReplicas ?? 0),
  column('Available', 'string', ({ status }) => status?.availableReplicas ?? 0),
  ageColumn,
  ...containerColumns<Deployment>(({ spec }) => spec?.template?.spec),
  wideColumn('Selector', 'string', ({ spec }) => selectorText(spec?.selector)),
]

const counted = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy): FieldError[] {
  const path = 'spec.strategy.rollingUpdate'
  if (type === 'Recreate') {
    const words = "may not be specified when strategy `type` is 'Recreate'"
    return rollingUpdate === undefined ? [] : [forbidden(path, words)]
  }
  if (type !== 'RollingUpdate') return [notSupported('spec.strategy', { type }, ['Recreate', 'RollingUpdate'])]
  const { maxSurge, maxUnavailable } = rollingUpdate ?? {}
  return [
    ...validateShare(`${path}.maxUnavailable`, maxUnavailable),
    ...validateShare(`${path}.maxSurge`, maxSurge),
    ...(isZeroShare(maxUnavailable) && isZeroShare(maxSurge)
      ? [invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...validateAtMostAll(`${path}.maxUnavailable`, maxUnavailable),
  ]
}

function validateDeadline({ progressDeadlineSeconds, minReadySeconds = 0 }: DeploymentSpec): FieldError[] {
  const path = 'spec.progressDeadlineSeconds'
  const errors = checkNotNegative(path, progressDeadlineSeconds)
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    errors.push(invalid(path, progressDeadlineSeconds, 'must be greater than minReadySeconds'))
  }
  return errors
}

export const deployment = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  short: ['deploy'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: {
    status: true,
    scale: { spec: '.spec.replicas', status: '.status.replicas', selector: '.spec.selector' },
  },
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec === undefined) return
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
    spec.strategy ??= {}
    spec.strategy.type ??= 'RollingUpdate'
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {}
      spec.strategy.rollingUpdate.maxSurge ??= '25%'
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
    }
    defaultPodTemplate(spec.template)
  },
  validate({ spec }) {
    if (spec === undefined) return validateWorkload({}, words)
    return [
      ...checkCounts(spec, ['replicas']),
      ...validateWorkload(spec, words),
      ...validateStrategy(spec.strategy ?? {}),
      ...checkCounts(spec, ['minReadySeconds', 'revisionHistoryLimit']),
      ...validateDeadline(spec),
    ]
  },
  validateUpdate: (object, previous) => checkUnchanged('spec.selector', object.spec?.selector, previous.spec?.selector),
  validateStatus: ({ status }, { status: before }) => [
    ...validateCounts(
      status,
      ['observedGeneration', 'replicas', ...counted, 'unavailableReplicas'],
      counted,
      'replicas',
      'status.replicas',
    ),
    ...validateCounts(status, [], ['availableReplicas'], 'readyReplicas', 'readyReplicas'),
    ...validateCollisions(status, before),
  ],
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = {}
  },
  warn: ofNewSpec(namedWorkloadWarnings),
})
