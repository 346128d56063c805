/** Where objects lie in the store: `/registry/<group>/<plural>/<namespace>/<name>`, with `core` for the empty group. */
export const registryRoot = '/registry/'

/** The same objects under two groups: they are stored as one resource. */
const aliases: ReadonlyMap<string, string> = new Map([['events.k8s.io/events', 'core/events']])

/** `core/pods`, `apps/deployments`: one resource, whatever version it is seen through. */
export function resourceKey(kind: { readonly group: string; readonly plural: string }): string {
  const key = `${kind.group === '' ? 'core' : kind.group}/${kind.plural}`
  return aliases.get(key) ?? key
}

/** `namespace/name`, or the name alone for cluster-scoped kinds. */
export function objectKey(kind: { readonly namespaced: boolean }, namespace: string, name: string): string {
  return kind.namespaced ? `${namespace}/${name}` : name
}

export const storeKey = (resource: string, key: string): string => `${registryRoot}${resource}/${key}`

export function splitStoreKey(storeKey: string): { resource: string; key: string } {
  const afterGroup = storeKey.indexOf('/', registryRoot.length)
  const afterPlural = storeKey.indexOf('/', afterGroup + 1)
  return { resource: storeKey.slice(registryRoot.length, afterPlural), key: storeKey.slice(afterPlural + 1) }
}
