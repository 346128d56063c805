/** What a resize of a running pod may change: how much CPU and memory its containers have (KEP-1287). */
import { forbidden, invalid, type FieldError } from '../../field-error.ts'
import { checkEach, sameValue } from '../../meta/field-checks.ts'
import type { Container, Pod } from '../../types/core-v1.ts'
import { podQosClass } from './pod-qos.ts'

const resizable = new Set(['cpu', 'memory'])
type Texts = Readonly<Record<string, string>>

export function validatePodResize(pod: Pod, previous: Pod): FieldError[] {
  const refusal = whyNot(previous)
  if (refusal !== undefined) return [forbidden('', refusal)]
  const order = (['containers', 'initContainers'] as const).flatMap((list) =>
    validateOrder(pod.spec?.[list] ?? [], previous.spec?.[list] ?? [], list),
  )
  // What follows compares containers by their place.
  return [...validateWhole(pod, previous), ...(order.length > 0 ? order : validateParts(pod, previous))]
}

function whyNot({ metadata, spec, status }: Pod): string | undefined {
  const { annotations = {} } = metadata ?? {}
  if (annotations['kubernetes.io/config.mirror'] !== undefined || annotations['kubernetes.io/config.source'] === 'file')
    return 'static pods cannot be resized'
  if (spec?.os?.name === 'windows') return 'windows pods cannot be resized'
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return hasEnded ? 'pod is in terminal phase and cannot be resized' : undefined
}

function validateWhole(pod: Pod, previous: Pod): FieldError[] {
  const now = podQosClass(pod)
  const words = 'Pod QOS Class may not change as a result of resizing'
  return [
    // New resources must leave the pod as safe, or as expendable, as it was.
    ...(now === podQosClass(previous) ? [] : [invalid('spec', now, words)]),
    ...(hasSupport(previous) ? [] : [forbidden('spec', 'Pod running on node without support for resize')]),
  ]
}

function validateParts(pod: Pod, previous: Pod): FieldError[] {
  const before = previous.spec?.containers ?? []
  const initBefore = previous.spec?.initContainers ?? []
  return [
    ...checkEach('spec.initContainers', pod.spec?.initContainers, (container, path, index) => {
      if (container.restartPolicy === 'Always') return validateContainer(container, initBefore[index], path)
      const same = sameValue(container.resources, initBefore[index]?.resources)
      return same ? [] : [forbidden(`${path}.resources`, 'resources for non-sidecar init containers are immutable')]
    }),
    ...checkEach('spec.containers', pod.spec?.containers, (container, path, index) =>
      validateContainer(container, before[index], path),
    ),
  ]
}

/** A node that can resize tells what its containers have; where none runs, that is not known and is assumed. */
function hasSupport({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running !== undefined)
  return running === undefined || running.resources !== undefined
}

function validateOrder(
  now: readonly Container[],
  before: readonly Container[],
  list: 'containers' | 'initContainers',
): FieldError[] {
  const path = `spec.${list}`
  if (now.length !== before.length) return [forbidden(path, `${list} may not be added or removed on resize`)]
  return checkEach(path, now, ({ name }, at, index) =>
    name === before[index]?.name ? [] : [forbidden(`${at}.name`, `${list} may not be renamed or reordered on resize`)],
  )
}

function validateContainer(container: Container, before: Container | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const side of ['requests', 'limits'] as const) {
    const old: Texts = before?.resources?.[side] ?? {}
    const wanted: Texts = container.resources?.[side] ?? {}
    const at = `${path}.resources.${side}`
    const removed = Object.keys(old).filter((name) => resizable.has(name) && wanted[name] === undefined)
    errors.push(...removed.map(() => forbidden(at, `resource ${side} cannot be removed`)))
    const others = (texts: Texts): Texts =>
      Object.fromEntries(Object.entries(texts).filter(([name]) => !resizable.has(name)))
    if (!sameValue(others(old), others(wanted))) errors.push(forbidden(at, 'only cpu and memory resources are mutable'))
  }
  return errors
}
