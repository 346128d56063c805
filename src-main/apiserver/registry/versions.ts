/** One resource seen through different versions and groups: objects are stored once and shown as they are asked for. */
import type { Kind } from '../../api/define-kind.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { CachedObject } from '../cache/cached-object.ts'
import { draftForm, isCustom, readForm } from '../custom/read-form.ts'
import { conversions, type Conversion } from './conversions.ts'
import { resourceKey } from './keys.ts'

const byVersion: ReadonlyMap<string, Conversion> = new Map(conversions.map((one) => [one.version, one]))

const named = ({ apiVersion, kind }: { apiVersion?: string; kind?: string }): string => `${apiVersion} ${kind}`

/** The object as the store keeps it. */
export function storageForm(object: DynamicObject): DynamicObject {
  return byVersion.get(named(object))?.toStored(object) ?? object
}

/** The object in another version of its kind; the object itself when it is in that version. */
export function convert(object: DynamicObject, version: Kind): DynamicObject {
  if (isCustom(version)) return readForm(version, object)
  if (object.apiVersion === version.apiVersion) return object
  const stored = storageForm(object)
  if (stored.apiVersion === version.apiVersion) return stored
  return byVersion.get(named(version))?.fromStored(stored) ?? { ...stored, apiVersion: version.apiVersion }
}

/** As `convert`, of an object that may still be changed: nothing of it is kept. */
export const draftInVersion = (draft: DynamicObject, version: Kind): DynamicObject =>
  isCustom(version) ? draftForm(version, draft) : convert(draft, version)

const views = new WeakMap<CachedObject, Map<string, CachedObject>>()
const customViews = new WeakMap<Kind, WeakMap<CachedObject, CachedObject>>()

function customView(kind: Kind, stored: CachedObject): CachedObject {
  const ofKind = customViews.get(kind) ?? new WeakMap<CachedObject, CachedObject>()
  customViews.set(kind, ofKind)
  const known = ofKind.get(stored)
  if (known !== undefined) return known
  const form = convert(stored.object, kind)
  const view = form === stored.object ? stored : CachedObject.fromObject(stored.key, stored.revision, form)
  ofKind.set(stored, view)
  return view
}

/** A stored object in the version of a kind; made once and kept. What a webhook converts must be prepared before. */
export function inVersion(kind: Kind, stored: CachedObject): CachedObject {
  if (isCustom(kind)) return customView(kind, stored)
  if (stored.object.apiVersion === kind.apiVersion) return stored
  const known = views.get(stored)?.get(kind.apiVersion)
  if (known !== undefined) return known
  const view = CachedObject.fromObject(stored.key, stored.revision, convert(stored.object, kind))
  const ofStored = views.get(stored)
  if (ofStored === undefined) views.set(stored, new Map([[kind.apiVersion, view]]))
  else ofStored.set(kind.apiVersion, view)
  return view
}

/**
 * Resources that are served through more than one kind, or whose objects are read otherwise than they are stored.
 * Objects of all others need not even be decoded to be shown.
 */
export class SharedResources {
  private readonly shared: ReadonlySet<string>

  constructor(kinds: readonly Kind[]) {
    const counts = new Map<string, number>()
    for (const kind of kinds) counts.set(resourceKey(kind), (counts.get(resourceKey(kind)) ?? 0) + 1)
    this.shared = new Set([...counts].flatMap(([resource, count]) => (count > 1 ? [resource] : [])))
  }

  includes(kind: Kind): boolean {
    return isCustom(kind) || this.shared.has(resourceKey(kind))
  }

  /** How objects of this kind's resource are shown through this kind. */
  viewer(kind: Kind): (stored: CachedObject) => CachedObject {
    return this.includes(kind) ? (stored) => inVersion(kind, stored) : (stored) => stored
  }
}
