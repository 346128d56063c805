import type { ObjectMeta } from '../types/meta-v1.ts'

/** Any API object as a client may send it. */
export interface KubernetesObject {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
}

/** The metadata of an object that the API server has stored. `namespace` is set for namespaced kinds. */
export interface LiveMeta extends ObjectMeta {
  name: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
}

/**
 * An object as the API server returns it. Objects from informers and from the local transport are shared:
 * treat them as frozen and copy (`structuredClone`) before changing anything.
 */
export type Live<T> = T & { metadata: LiveMeta }

/** An object of a kind that is only known at run time. */
export type DynamicObject = KubernetesObject & Record<string, unknown>

/** `namespace/name`, or the name alone for cluster-scoped objects: the key of queues and caches. */
export function keyOf(object: { metadata?: { name?: string; namespace?: string } }): string {
  const { name = '', namespace } = object.metadata ?? {}
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/')
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
