/** `pods/binding` and the older `bindings`: a pod gets its node, once and for all. */
import { badRequest, conflict } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Binding, Pod, PodCondition } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { asObject, readBody } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import { updateObject } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { writeOptionsOf } from './write-options.ts'

export async function handleBinding(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target, request } = operation
  const { dryRun } = writeOptionsOf(request.query)
  const binding = asObject((await readBody(operation)).data) as DynamicObject & Partial<Binding>
  const nodeName = binding.target?.name ?? ''
  if (nodeName === '') throw badRequest('target.name: Required value: the name of the node')
  const targetKind = binding.target?.kind ?? 'Node'
  if (targetKind !== 'Node') throw badRequest(`target.kind: Unsupported value: ${JSON.stringify(targetKind)}`)
  const uid = binding.metadata?.uid
  await updateObject(parts, operation, {
    dryRun,
    apply(current) {
      const pod = current as Pod
      if (uid !== undefined && uid !== pod.metadata?.uid)
        throw conflict(
          kind,
          target.name,
          `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata?.uid}`,
        )
      if (pod.metadata?.deletionTimestamp !== undefined)
        throw conflict(kind, target.name, `pod ${target.name} is being deleted, cannot be assigned to a host`)
      const bound = pod.spec?.nodeName ?? ''
      if (bound !== '')
        throw conflict(kind, target.name, `pod ${target.name} is already assigned to node ${JSON.stringify(bound)}`)
      return boundPod(pod, nodeName, binding.metadata?.annotations, parts.clock.now())
    },
  })
  return {
    type: 'plain',
    code: 201,
    object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  }
}

function boundPod(
  pod: Pod,
  nodeName: string,
  annotations: Record<string, string> | undefined,
  nowMs: number,
): DynamicObject {
  const draft = copyPlain(pod)
  if (draft.spec !== undefined) draft.spec.nodeName = nodeName
  draft.metadata = { ...draft.metadata, annotations: { ...draft.metadata?.annotations, ...annotations } }
  const others = (draft.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(nowMs) }
  draft.status = { ...draft.status, conditions: [...others, scheduled] }
  return draft as DynamicObject
}
