/**
 * One resource seen through different versions. Objects are stored in the version in which they were written; versions
 * of a group differ in their name here, which is what holds for nearly all of them.
 */
import type { Kind } from '../../api/define-kind.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { CachedObject } from '../cache/cached-object.ts'

const views = new WeakMap<CachedObject, Map<string, CachedObject>>()

export function inVersion(kind: Pick<Kind, 'apiVersion'>, stored: CachedObject): CachedObject {
  if (stored.object.apiVersion === kind.apiVersion) return stored
  const known = views.get(stored)?.get(kind.apiVersion)
  if (known !== undefined) return known
  const object: DynamicObject = { ...stored.object, apiVersion: kind.apiVersion }
  const view = CachedObject.fromObject(stored.key, stored.revision, object)
  const ofStored = views.get(stored)
  if (ofStored === undefined) views.set(stored, new Map([[kind.apiVersion, view]]))
  else ofStored.set(kind.apiVersion, view)
  return view
}
