/** Which part of an object a write through each subresource may change. */
import type { Kind } from '../../api/define-kind.ts'
import { pathNotFound } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { copyPlain } from './plain.ts'

/** The draft: the body's part on top of what is stored. `previous` stays as it is; `body` is taken over. */
export function mergeSubresource(
  kind: Kind,
  subresource: string,
  previous: DynamicObject,
  body: DynamicObject,
): DynamicObject {
  switch (subresource) {
    case '':
      return mergeMain(kind, previous, body)
    case 'status':
      return kind.custom === undefined ? mergeStatus(previous, body) : mergeCustomStatus(previous, body)
    case 'finalize':
    case 'resize':
    case 'ephemeralcontainers':
      return { ...copyPlain(previous), spec: specPart(subresource, previous, body) }
    case 'binding':
      // Made by the server from the stored pod: its node and the condition that says so.
      return body
    case 'approval':
      return mergeApproval(previous, body)
    default:
      throw pathNotFound()
  }
}

function mergeMain(kind: Kind, previous: DynamicObject, body: DynamicObject): DynamicObject {
  const draft: DynamicObject = { ...body, kind: kind.kind, apiVersion: kind.apiVersion }
  if (kind.subresources.status === true) {
    delete draft.status
    if (previous.status !== undefined) draft.status = copyPlain(previous.status)
  }
  return draft
}

/** Of a custom object nothing but the status, and who owns what of it. */
function mergeCustomStatus(previous: DynamicObject, body: DynamicObject): DynamicObject {
  const { status: _status, ...rest } = copyPlain(previous)
  const { managedFields } = body.metadata ?? {}
  const metadata = { ...rest.metadata, ...(managedFields === undefined ? {} : { managedFields }) }
  return { ...rest, metadata, ...(body.status === undefined ? {} : { status: body.status }) }
}

/** Owners are no part of a status; labels, annotations and finalizers may travel with it. */
function mergeStatus(previous: DynamicObject, body: DynamicObject): DynamicObject {
  const { metadata = {} } = previous
  const draft = copyPlain({ ...previous, status: body.status })
  draft.metadata = copyPlain({ ...metadata, ...body.metadata })
  if (metadata.ownerReferences === undefined) delete draft.metadata.ownerReferences
  else draft.metadata.ownerReferences = copyPlain(metadata.ownerReferences)
  return draft
}

/** An approval decides, and issues nothing. */
function mergeApproval(previous: DynamicObject, body: DynamicObject): DynamicObject {
  const draft = mergeStatus(previous, body)
  const { certificate } = (previous.status ?? {}) as { certificate?: string }
  draft.status = { ...(draft.status as object), ...(certificate === undefined ? {} : { certificate }) }
  return draft
}

type Fields = Record<string, unknown>

function specPart(subresource: string, previous: DynamicObject, body: DynamicObject): Fields {
  const before = (previous.spec ?? {}) as Fields
  const wanted = (body.spec ?? {}) as Fields
  if (subresource === 'finalize') return { ...before, finalizers: wanted.finalizers ?? [] }
  if (subresource === 'ephemeralcontainers') return { ...before, ephemeralContainers: wanted.ephemeralContainers }
  return {
    ...before,
    containers: resized(before.containers, wanted.containers),
    ...(before.initContainers === undefined
      ? {}
      : { initContainers: resized(before.initContainers, wanted.initContainers) }),
  }
}

/** Of the containers, only resources and how they are resized. */
function resized(before: unknown, wanted: unknown): unknown {
  if (!Array.isArray(before) || !Array.isArray(wanted)) return before
  return (before as Fields[]).map((container) => {
    const change = (wanted as Fields[]).find(({ name }) => name === container.name)
    return change === undefined
      ? container
      : { ...container, resources: change.resources, resizePolicy: change.resizePolicy ?? container.resizePolicy }
  })
}
