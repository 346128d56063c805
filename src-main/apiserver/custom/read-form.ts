/**
 * Custom objects as they are read: pruned and completed by the schema of the version in which they are stored, then
 * brought into the version that was asked for. Made once for each kind and object; a changed CRD is another kind.
 */
import type { CustomKind } from '../../api/custom/custom-kinds.ts'
import { defaulted } from '../../api/custom/default-object.ts'
import { pruneObject } from '../../api/custom/prune-object.ts'
import type { Kind } from '../../api/define-kind.ts'
import { internalError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'

export interface CustomKindOf extends Kind {
  readonly custom: CustomKind
}

export const isCustom = (kind: Kind): kind is CustomKindOf => kind.custom !== undefined

const forms = new WeakMap<Kind, WeakMap<DynamicObject, DynamicObject>>()

/** The object itself when it is in its read form. Throws when a webhook should have converted it before. */
export function readForm(kind: CustomKindOf, object: DynamicObject): DynamicObject {
  const known = forms.get(kind)?.get(object)
  if (known !== undefined) return known
  if (needsWebhook(kind, object)) throw internalError(`${object.apiVersion} was not converted to ${kind.apiVersion}`)
  const complete = completed(kind, object)
  const form = object.apiVersion === kind.apiVersion ? complete : renamed(kind, complete)
  setReadForm(kind, object, form)
  return form
}

/** As `readForm`, of an object that may still be changed: nothing of it is kept. */
export function draftForm(kind: CustomKindOf, draft: DynamicObject): DynamicObject {
  if (draft.apiVersion === kind.apiVersion) return draft
  if (kind.custom.conversion !== undefined)
    throw internalError(`${draft.apiVersion} was not converted to ${kind.apiVersion}`)
  const form = renamed(kind, completed(kind, draft))
  return defaulted(form, kind.custom.schema)
}

export function setReadForm(kind: CustomKindOf, object: DynamicObject, form: DynamicObject): void {
  const ofKind = forms.get(kind)
  if (ofKind === undefined) forms.set(kind, new WeakMap([[object, form]]))
  else ofKind.set(object, form)
}

/** Whether the read form has yet to be asked of a webhook. */
export function needsWebhook(kind: CustomKindOf, object: DynamicObject): boolean {
  const other = kind.custom.conversion !== undefined && object.apiVersion !== kind.apiVersion
  return other && forms.get(kind)?.has(object) !== true
}

/** By the schema of its own version: what that knows and what it defaults. */
export function completed({ custom }: CustomKindOf, object: DynamicObject): DynamicObject {
  const own = custom.versions.get(object.apiVersion ?? '')?.custom?.schema
  return own === undefined ? object : defaulted(pruneObject(object, own).object, own)
}

/** Versions that differ in nothing but their name, as far as the other one's schema goes. */
export function renamed(kind: CustomKindOf, object: DynamicObject): DynamicObject {
  return pruneObject({ ...object, kind: kind.kind, apiVersion: kind.apiVersion }, kind.custom.schema).object
}
