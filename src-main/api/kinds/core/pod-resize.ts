/** What a resize of a running pod may change: how much CPU and memory its containers have (KEP-1287). */
import { forbidden, invalid, type FieldError } from '../../field-error.ts'
import { checkEach, sameValue } from '../../meta/field-checks.ts'
import type { Container, Pod } from '../../types/core-v1.ts'
import { podQosClass } from './pod-qos.ts'

const resizable = new Set(['cpu', 'memory'])
type Texts = Readonly<Record<string, string>>

export function validatePodResize(pod: Pod, previous: Pod): FieldError[] {
  if (previous.spec?.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  if (previous.metadata?.annotations?.['kubernetes.io/config.source'] === 'file')
    return [forbidden('', 'static pods cannot be resized')]
  if (previous.status?.phase === 'Succeeded' || previous.status?.phase === 'Failed')
    return [forbidden('', 'pod is in terminal phase and cannot be resized')]
  const before = previous.spec?.containers ?? []
  const errors = checkEach('spec.containers', pod.spec?.containers, (container, path, index) =>
    validateContainer(container, before[index], path),
  )
  const initBefore = previous.spec?.initContainers ?? []
  errors.push(
    ...checkEach('spec.initContainers', pod.spec?.initContainers, (container, path, index) => {
      if (container.restartPolicy === 'Always') return validateContainer(container, initBefore[index], path)
      const same = sameValue(container.resources, initBefore[index]?.resources)
      return same ? [] : [forbidden(`${path}.resources`, 'resources for non-sidecar init containers are immutable')]
    }),
  )
  const now = podQosClass(pod)
  // New resources must leave the pod as safe, or as expendable, as it was.
  if (now !== podQosClass(previous))
    errors.push(invalid('spec', now, 'Pod QOS Class may not change as a result of resizing'))
  return errors
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
