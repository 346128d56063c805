/** `pods/binding` and the older `bindings`: a pod gets its node, once and for all. */
import { badRequest, conflict, methodNotAllowed } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Binding, Pod, PodCondition } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { asObject, readBody } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { admitCreation, unasked } from '../registry/admit.ts'
import { checkNamespace } from '../registry/namespace-check.ts'
import { copyPlain } from '../registry/plain.ts'
import { updateObject } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { writeOptionsOf } from './write-options.ts'

type Wish = DynamicObject & Partial<Binding>

const bindingKind = { group: '', version: 'v1', kind: 'Binding' }
const typed = (body: DynamicObject): Wish => ({ ...body, kind: 'Binding', apiVersion: 'v1' }) as Wish

/** Of the labels of a Binding, a pod takes over only where it is. */
const topologyOf = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => key.startsWith('topology.kubernetes.io/')))

/** `POST pods/<name>/binding`. */
export async function handleBinding(parts: ServerParts, operation: Operation): Promise<Answer> {
  const binding = typed(asObject((await readBody(operation)).data))
  checkPod(operation, binding)
  checkWish(binding)
  const { dryRun } = writeOptionsOf(operation)
  await admitCreation(parts, operation, binding, { dryRun, objectKind: bindingKind })
  return bind(parts, operation, binding)
}

/** `POST bindings`: the pod's name stands in the body. */
export async function handleOldBinding(parts: ServerParts, operation: Operation): Promise<Answer> {
  const pods = parts.kinds.find('', 'v1', 'pods')
  if (pods === undefined || operation.verb !== 'create') throw methodNotAllowed()
  const binding = typed(asObject((await readBody(operation)).data))
  const target = { ...operation.target, plural: 'pods', name: binding.metadata?.name ?? '', subresource: 'binding' }
  if (target.name === '') throw badRequest('metadata.name: Required value: the name of the pod')
  checkWish(binding)
  const { dryRun } = writeOptionsOf(operation)
  const named = { ...operation, target: { ...operation.target, name: target.name } }
  await admitCreation(parts, named, binding, { dryRun })
  return bind(parts, { ...operation, kind: pods, target }, binding)
}

async function bind(parts: ServerParts, operation: Operation, binding: Wish): Promise<Answer> {
  const { kind, target } = operation
  const { dryRun } = writeOptionsOf(operation)
  const nodeName = checkWish(binding)
  const uid = binding.metadata?.uid
  await updateObject(unasked(parts), operation, {
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
      return boundPod(pod, nodeName, binding.metadata, parts.clock.now())
    },
  })
  return {
    type: 'plain',
    code: 201,
    object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  }
}

/** Throws for a Binding of another pod than the one at this path. */
function checkPod(operation: Operation, { metadata }: Wish): void {
  const { target } = operation
  const { name = '', namespace = '' } = metadata ?? {}
  checkNamespace(operation, namespace)
  if (name !== '' && name !== target.name) throw badRequest('name in URL does not match name in Binding object')
}

/** The name of the node. */
function checkWish({ target }: Wish): string {
  const nodeName = target?.name ?? ''
  if (nodeName === '') throw badRequest('target.name: Required value: the name of the node')
  const targetKind = target?.kind ?? 'Node'
  if (targetKind !== 'Node') throw badRequest(`target.kind: Unsupported value: ${JSON.stringify(targetKind)}`)
  return nodeName
}

function boundPod(pod: Pod, nodeName: string, wished: Wish['metadata'], nowMs: number): DynamicObject {
  const draft = copyPlain(pod)
  if (draft.spec !== undefined) draft.spec.nodeName = nodeName
  // No claim on a version: whatever else changes meanwhile, the pod still has no node.
  const { resourceVersion: _resourceVersion, ...meta } = draft.metadata ?? {}
  draft.metadata = {
    ...{ ...meta, annotations: { ...meta.annotations, ...wished?.annotations } },
    // What the pod says itself stands.
    ...(wished?.labels === undefined ? {} : { labels: { ...topologyOf(wished.labels), ...meta.labels } }),
  }
  const others = (draft.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(nowMs) }
  draft.status = { ...draft.status, conditions: [...others, scheduled] }
  return draft as DynamicObject
}
