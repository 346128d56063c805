import { forbidden, invalid, type FieldError } from '../../field-error.ts'
import { sameValue } from '../../meta/field-checks.ts'
import type { Container, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../../types/core-v1.ts'
import { validateEphemeralContainersUpdate } from './pod-spec/ephemeral-containers.ts'
import { validatePodResize } from './pod-resize.ts'

const refused =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** Of a pod's spec, an update may change hardly more than images; some subresources have rules of their own. */
export function validatePodUpdate(pod: Pod, previous: Pod, subresource = ''): FieldError[] {
  switch (subresource) {
    case 'binding':
      return []
    case 'ephemeralcontainers':
      return previous.metadata?.annotations?.['kubernetes.io/config.mirror'] === undefined
        ? validateEphemeralContainersUpdate(pod.spec?.ephemeralContainers, previous.spec?.ephemeralContainers)
        : [forbidden('', 'static pods do not support ephemeral containers')]
    case 'resize':
      return validatePodResize(pod, previous)
    default:
      return validateSpecUpdate(pod, previous)
  }
}

function validateSpecUpdate(pod: Pod, previous: Pod): FieldError[] {
  const { spec } = pod
  const before = previous.spec
  if (spec === undefined || before === undefined) return []
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list] ?? []).length !== (before[list] ?? []).length) {
      return [forbidden(`spec.${list}`, 'pod updates may not add or remove containers')]
    }
  }
  const changed = changedFields(withAllowedChanges(before, spec), spec)
  return [
    ...validateDeadline(spec, before),
    ...(keepsTolerations(spec, before)
      ? []
      : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]),
    ...validateGates(spec, before),
    ...((before.schedulingGates ?? []).length > 0 ? validateGatedPlacement(spec, before) : []),
    ...(changed.length === 0 ? [] : [forbidden('spec', `${refused}\nchanged: ${changed.join(', ')}`)]),
  ]
}

/** What was, with those of the changes that are fine. */
function withAllowedChanges(before: PodSpec, spec: PodSpec): PodSpec {
  const images = (then: readonly Container[] | undefined, now: readonly Container[] | undefined): Container[] =>
    (then ?? []).map((container, index) => withImage(container, now?.[index]?.image))
  const { terminationGracePeriodSeconds: grace } = before
  const { activeDeadlineSeconds, tolerations, schedulingGates } = spec
  const negativeEnds = grace !== undefined && grace < 0 && spec.terminationGracePeriodSeconds === 1
  return {
    ...before,
    containers: images(before.containers, spec.containers),
    ...(before.initContainers === undefined
      ? {}
      : { initContainers: images(before.initContainers, spec.initContainers) }),
    ...(grace === undefined ? {} : { terminationGracePeriodSeconds: negativeEnds ? 1 : grace }),
    activeDeadlineSeconds,
    tolerations,
    schedulingGates,
    // A pod that waits at a gate may still be told where to run.
    ...((before.schedulingGates ?? []).length > 0
      ? { nodeSelector: spec.nodeSelector, affinity: withNodeAffinity(before, spec) }
      : {}),
  }
}

/** The pod affinities that were, with the node affinity that is wanted. */
function withNodeAffinity({ affinity: before }: PodSpec, { affinity }: PodSpec): PodSpec['affinity'] {
  const { nodeAffinity: _old, ...rest } = before ?? {}
  const nodeAffinity = affinity?.nodeAffinity
  if (nodeAffinity === undefined && Object.keys(rest).length === 0) return affinity === undefined ? undefined : {}
  return { ...rest, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) }
}

/** While it waits at a gate, a pod's choice of nodes may become narrower, never wider (KEP-3838). */
function validateGatedPlacement(spec: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  const lost = Object.entries(before.nodeSelector ?? {}).some(([key, value]) => spec.nodeSelector?.[key] !== value)
  if (lost) {
    const words = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
    errors.push(invalid('spec.nodeSelector', spec.nodeSelector, words))
  }
  const termsOf = ({ affinity }: PodSpec): NodeSelectorTerm[] =>
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const [old, now] = [termsOf(before), termsOf(spec)]
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  if (old.length > 0 && old.length !== now.length)
    return [...errors, invalid(path, now, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  const words = 'only additions are allowed (no mutations or deletions)'
  const changed = old.flatMap((term, index) =>
    onlyAdds(now[index], term) ? [] : [invalid(`${path}[${index}]`, now[index], words)],
  )
  return [...errors, ...changed]
}

function onlyAdds(now: NodeSelectorTerm | undefined, before: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const
  const size = (term: NodeSelectorTerm | undefined): number =>
    lists.reduce((sum, list) => sum + (term?.[list] ?? []).length, 0)
  // An empty term matches nothing, so anything in it would make it wider.
  if (size(before) === 0) return size(now) === 0
  return lists.every((list) =>
    (before[list] ?? []).every((requirement, index) => sameValue(requirement, now?.[list]?.[index])),
  )
}

function withImage(container: Container, image: string | undefined): Container {
  return image === undefined ? container : { ...container, image }
}

function changedFields(before: PodSpec, spec: PodSpec): string[] {
  const old = before as unknown as Record<string, unknown>
  const now = spec as unknown as Record<string, unknown>
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
  return names.filter((name) => !sameValue(old[name], now[name])).map((name) => `spec.${name}`)
}

function validateDeadline(
  { activeDeadlineSeconds: now }: PodSpec,
  { activeDeadlineSeconds: before }: PodSpec,
): FieldError[] {
  const path = 'spec.activeDeadlineSeconds'
  if (before === undefined || now === before) return []
  if (now === undefined) return [invalid(path, now, 'must not update from a positive integer to nil value')]
  return now > before ? [invalid(path, now, 'must be less than or equal to previous value')] : []
}

function validateGates(spec: PodSpec, before: PodSpec): FieldError[] {
  const known = new Set((before.schedulingGates ?? []).map(({ name }) => name))
  return (spec.schedulingGates ?? [])
    .map(({ name }, index) => ({ name, path: `spec.schedulingGates[${index}].name` }))
    .filter(({ name }) => !known.has(name))
    .map(({ name, path }) => forbidden(path, `only deletion is allowed, but found new scheduling gate '${name}'`))
}

/** Whether every toleration that was is still there, but for its seconds. */
function keepsTolerations(spec: PodSpec, before: PodSpec): boolean {
  const bare = (toleration: Toleration): Toleration => ({ ...toleration, tolerationSeconds: undefined })
  return (before.tolerations ?? []).every((old) =>
    (spec.tolerations ?? []).some((one) => sameValue(bare(one), bare(old))),
  )
}
