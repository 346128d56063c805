import type { Container, EphemeralContainer, HTTPGetAction, Probe } from '../../../types/core-v1.ts'
import { defaultPullPolicy } from './image-tag.ts'

/** Defaults of one container of any sort, in place. */
export function defaultContainer(draft: Container | EphemeralContainer): void {
  draft.imagePullPolicy ??= defaultPullPolicy(draft.image ?? '')
  draft.terminationMessagePath ??= '/dev/termination-log'
  draft.terminationMessagePolicy ??= 'File'
  draft.resources ??= {}
  for (const port of draft.ports ?? []) port.protocol ??= 'TCP'
  for (const { valueFrom } of draft.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ??= 'v1'
    if (valueFrom?.resourceFieldRef !== undefined) valueFrom.resourceFieldRef.divisor ??= '0'
    if (valueFrom?.fileKeyRef !== undefined) valueFrom.fileKeyRef.optional ??= false
  }
  defaultProbe(draft.livenessProbe)
  defaultProbe(draft.readinessProbe)
  defaultProbe(draft.startupProbe)
  defaultHttpGet(draft.lifecycle?.postStart?.httpGet)
  defaultHttpGet(draft.lifecycle?.preStop?.httpGet)
}

function defaultProbe(draft: Probe | undefined): void {
  if (draft === undefined) return
  // Zero is what old clients write for nothing.
  draft.timeoutSeconds = draft.timeoutSeconds || 1
  draft.periodSeconds = draft.periodSeconds || 10
  draft.successThreshold = draft.successThreshold || 1
  draft.failureThreshold = draft.failureThreshold || 3
  defaultHttpGet(draft.httpGet)
  if (draft.grpc !== undefined) draft.grpc.service ??= ''
}

function defaultHttpGet(draft: HTTPGetAction | undefined): void {
  if (draft === undefined) return
  draft.path ??= '/'
  draft.scheme ??= 'HTTP'
}
