import type { OwnerReference } from '../types/meta-v1.ts'
import type { KubernetesObject } from './object.ts'

/** The reference of the one owner that manages this object. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true)
}

export interface OwnerReferenceOptions {
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** A reference to `owner`, by default as the controller that also blocks the owner's foreground deletion. */
export function ownerReference(
  owner: { readonly metadata: { readonly name: string; readonly uid: string } },
  kind: { readonly apiVersion: string; readonly kind: string },
  { controller = true, blockOwnerDeletion = true }: OwnerReferenceOptions = {},
): OwnerReference {
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    ...(controller ? { controller } : {}),
    ...(blockOwnerDeletion ? { blockOwnerDeletion } : {}),
  }
}

/** Whether any reference of `object` points at `owner`, by uid: a namesake that came later does not count. */
export function isOwnedBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  const uid = owner.metadata?.uid
  return uid !== undefined && (object.metadata?.ownerReferences ?? []).some((reference) => reference.uid === uid)
}

/** Whether `owner` is the controller of `object`. */
export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  const uid = owner.metadata?.uid
  return uid !== undefined && controllerOf(object)?.uid === uid
}
