import { defineKind } from '../../define-kind.ts'
import { forbidden, invalid, type FieldError } from '../../field-error.ts'
import { checkEach } from '../../meta/field-checks.ts'
import type { Pod, PodCondition } from '../../types/core-v1.ts'
import { nameWarnings } from '../../warnings/name-warnings.ts'
import { ofNewObject } from '../../warnings/new-spec.ts'
import { podWarnings } from '../../warnings/pod-warnings.ts'
import { startGeneration } from '../generation.ts'
import { podColumns } from './pod-columns.ts'
import { podQosClass } from './pod-qos.ts'
import { defaultPodSpec, defaultRunnablePodSpec } from './pod-spec/defaults.ts'
import { validateBareImage } from './pod-spec/containers.ts'
import { validatePodSpec } from './pod-spec/validate.ts'
import { validatePodStatus } from './pod-status-update.ts'
import { validatePodUpdate } from './pod-update.ts'

const gated: PodCondition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
}

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

/** Which pods of a set go first (KEP-2255). */
function validateCost(cost: string | undefined): FieldError[] {
  if (cost === undefined) return []
  const path = `metadata.annotations[${costAnnotation}]`
  const isWhole = /^(0|[1-9]\d*|-[1-9]\d*)$/.test(cost) && Math.abs(Number(cost) + 0.5) < 2 ** 31
  return isWhole ? [] : [invalid(path, cost, 'must be a 32bit integer')]
}

/** What a template may leave for later. */
function validateOnlyPod(spec: Pod['spec']): FieldError[] {
  const hasAccount = (spec?.serviceAccountName ?? '') !== ''
  return [
    ...checkEach('spec.volumes', spec?.volumes, ({ projected }, at) =>
      checkEach(`${at}.projected.sources`, projected?.sources, ({ serviceAccountToken }, source) =>
        hasAccount || serviceAccountToken === undefined
          ? []
          : [forbidden(`${source}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set')],
      ),
    ),
    ...checkEach('spec.containers', spec?.containers, validateBareImage),
    ...checkEach('spec.initContainers', spec?.initContainers, validateBareImage),
  ]
}

export const pod = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  short: ['po'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
  columns: podColumns,
  selectableFields: {
    'spec.nodeName': (object) => object.spec?.nodeName ?? '',
    'spec.restartPolicy': (object) => object.spec?.restartPolicy ?? '',
    'spec.schedulerName': (object) => object.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (object) => object.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String(object.spec?.hostNetwork ?? false),
    'status.phase': (object) => object.status?.phase ?? '',
    'status.podIP': (object) => object.status?.podIPs?.[0]?.ip ?? object.status?.podIP ?? '',
    'status.podIPs': (object) => object.status?.podIPs?.[0]?.ip ?? object.status?.podIP ?? '',
    'status.nominatedNodeName': (object) => object.status?.nominatedNodeName ?? '',
  },
  defaults(draft) {
    if (draft.spec === undefined) return
    defaultPodSpec(draft.spec)
    defaultRunnablePodSpec(draft.spec)
  },
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { phase: 'Pending', qosClass: podQosClass(draft) }
    if ((draft.spec?.schedulingGates ?? []).length > 0) draft.status.conditions = [gated]
  },
  validate: ({ metadata, spec }) => [
    ...validateCost(metadata?.annotations?.[costAnnotation]),
    ...validatePodSpec(spec, 'spec', [], true),
    ...validateOnlyPod(spec),
  ],
  validateNew: ({ spec }) => [
    ...((spec?.ephemeralContainers ?? []).length > 0
      ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...((spec?.schedulingGates ?? []).length > 0 && (spec?.nodeName ?? '') !== ''
      ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
  ],
  validateUpdate: validatePodUpdate,
  validateStatus: validatePodStatus,
  prepareUpdate(draft, previous) {
    const { qosClass } = previous.status ?? {}
    if (draft.status !== undefined && qosClass !== undefined) draft.status.qosClass ??= qosClass
  },
  warn: ofNewObject((pod) => [...nameWarnings(pod.metadata, "in the Pod's hostname"), ...podWarnings(pod)]),
})
