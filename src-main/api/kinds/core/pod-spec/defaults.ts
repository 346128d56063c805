import type { Container, PodSpec, PodTemplateSpec } from '../../../types/core-v1.ts'
import { defaultContainer } from './container-defaults.ts'
import { defaultPodResources } from './pod-level-resources.ts'
import { defaultVolume } from './volume-defaults.ts'

/** What holds for the spec of a pod and for that of a template, in place. */
export function defaultPodSpec(draft: PodSpec): void {
  draft.restartPolicy ??= 'Always'
  draft.dnsPolicy ??= 'ClusterFirst'
  draft.schedulerName ??= 'default-scheduler'
  draft.terminationGracePeriodSeconds ??= 30
  draft.securityContext ??= {}
  // The old name of the field is kept in step with the new one for old clients.
  if (draft.serviceAccountName !== undefined) draft.serviceAccount = draft.serviceAccountName
  else if (draft.serviceAccount !== undefined) draft.serviceAccountName = draft.serviceAccount
  for (const container of containersOf(draft)) defaultContainer(container)
  for (const container of draft.ephemeralContainers ?? []) defaultContainer(container)
  for (const volume of draft.volumes ?? []) defaultVolume(volume)
}

/** What only pods get, not templates, in place; runs after `defaultPodSpec`. */
export function defaultRunnablePodSpec(draft: PodSpec): void {
  draft.enableServiceLinks ??= true
  for (const container of containersOf(draft)) {
    const { limits } = container.resources ?? {}
    if (limits !== undefined && container.resources !== undefined) {
      container.resources.requests = { ...limits, ...container.resources.requests }
    }
    if (draft.hostNetwork === true) {
      for (const port of container.ports ?? []) port.hostPort ??= port.containerPort
    }
  }
  defaultPodResources(draft)
}

/** Defaults of a workload's template, in place; a template that is missing stays so, for validation to name it. */
export function defaultPodTemplate(draft: PodTemplateSpec | undefined): void {
  if (draft === undefined) return
  draft.metadata ??= {}
  if (draft.spec !== undefined) defaultPodSpec(draft.spec)
}

export const containersOf = (spec: PodSpec): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
]
