import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import type { DaemonSet, DaemonSetUpdateStrategy } from '../../types/apps-v1.ts'
import { ofNewSpec } from '../../warnings/new-spec.ts'
import { templateWarnings } from '../../warnings/workload-warnings.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { startGeneration } from '../generation.ts'
import {
  ageColumn,
  column,
  containerColumns,
  labelsText,
  nameColumn,
  selectorText,
  wideColumn,
} from '../table-columns.ts'
import { validateCollisions, validateCounts } from './status-validation.ts'
import { checkCounts, isZeroShare, validateAtMostAll, validateShare, validateWorkload } from './workload-validation.ts'

const words = { selectorOf: 'daemonset', templateOf: 'DaemonSet', selectorOptional: true } as const

const columns: readonly Column<DaemonSet>[] = [
  nameColumn,
  column('Desired', 'integer', ({ status }) => status?.desiredNumberScheduled ?? 0),
  column('Current', 'integer', ({ status }) => status?.currentNumberScheduled ?? 0),
  column('Ready', 'integer', ({ status }) => status?.numberReady ?? 0),
  column('Up-to-date', 'integer', ({ status }) => status?.updatedNumberScheduled ?? 0),
  column('Available', 'integer', ({ status }) => status?.numberAvailable ?? 0),
  column('Node Selector', 'string', ({ spec }) => labelsText(spec?.template?.spec?.nodeSelector)),
  ageColumn,
  ...containerColumns<DaemonSet>(({ spec }) => spec?.template?.spec),
  wideColumn('Selector', 'string', ({ spec }) => selectorText(spec?.selector)),
]

function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy): FieldError[] {
  const path = 'spec.updateStrategy'
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') return [notSupported(path, { type }, ['RollingUpdate', 'OnDelete'])]
  if (rollingUpdate === undefined) return [required(`${path}.rollingUpdate`)]
  const { maxSurge, maxUnavailable } = rollingUpdate
  const at = `${path}.rollingUpdate`
  const errors = [
    ...validateShare(`${at}.maxUnavailable`, maxUnavailable),
    ...validateShare(`${at}.maxSurge`, maxSurge),
    ...validateAtMostAll(`${at}.maxUnavailable`, maxUnavailable),
    ...validateAtMostAll(`${at}.maxSurge`, maxSurge),
  ]
  if (isZeroShare(maxUnavailable) && isZeroShare(maxSurge)) {
    errors.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  } else if (!isZeroShare(maxUnavailable) && !isZeroShare(maxSurge)) {
    errors.push(invalid(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  }
  return errors
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
] as const

export const daemonSet = defineKind<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  short: ['ds'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec === undefined) return
    spec.revisionHistoryLimit ??= 10
    spec.updateStrategy ??= {}
    spec.updateStrategy.type ??= 'RollingUpdate'
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {}
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0
    }
    defaultPodTemplate(spec.template)
  },
  validate({ spec }) {
    if (spec === undefined) return validateWorkload({}, words)
    return [
      ...validateWorkload(spec, words),
      ...checkCounts(spec, ['minReadySeconds']),
      ...validateStrategy(spec.updateStrategy ?? {}),
      ...checkCounts(spec, ['revisionHistoryLimit']),
    ]
  },
  validateUpdate: (object, previous) => checkUnchanged('spec.selector', object.spec?.selector, previous.spec?.selector),
  validateStatus: ({ status }, { status: before }) => [
    ...validateCounts(status, counts, [], 'desiredNumberScheduled', ''),
    ...validateCollisions(status, before),
  ],
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }
  },
  warn: ofNewSpec(templateWarnings),
})
