import type { Kind } from '../../define-kind.ts'
import { resourceFact } from '../../kinds/resource-facts.ts'
import type { PathItem } from './document.ts'
import { Operations, type KindSchemas, type Subresource } from './operations.ts'
import { commonParameters, pathParameter } from './parameters.ts'

/** Every path of a kind, with its operations. */
export function resourcePaths(kind: Kind, schemas: KindSchemas): Record<string, PathItem> {
  const base = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`
  const collection = kind.namespaced ? `${base}/namespaces/{namespace}/${kind.plural}` : `${base}/${kind.plural}`
  const scope = kind.namespaced ? [pathParameter('namespace')] : []
  const named = [pathParameter('name'), ...scope, ...commonParameters]
  const fact = resourceFact(kind.group, kind.version, kind.plural)
  const verbs = new Set(fact?.verbs ?? allVerbs)
  const operations = new Operations(kind, schemas)
  const paths: Record<string, PathItem> = {
    [collection]: { ...operations.ofCollection(verbs), parameters: [...scope, ...commonParameters] },
    [`${collection}/{name}`]: { ...operations.ofObject(verbs), parameters: named },
  }
  if (kind.namespaced && verbs.has('list')) {
    paths[`${base}/${kind.plural}`] = { ...operations.ofAllNamespaces(), parameters: commonParameters }
  }
  const subresources = fact === undefined ? declaredSubresources(kind) : factSubresources(fact.subresources)
  for (const subresource of subresources) {
    paths[`${collection}/{name}/${subresource.name}`] = { ...operations.ofSubresource(subresource), parameters: named }
  }
  return Object.fromEntries(Object.entries(paths).filter(([, item]) => Object.keys(item).length > 1))
}

const allVerbs = ['get', 'list', 'post', 'put', 'patch', 'delete', 'deletecollection']

function factSubresources(facts: Readonly<Record<string, { kind: string; verbs: readonly string[] }>>): Subresource[] {
  return Object.entries(facts).map(([name, { kind: text, verbs }]) => {
    const [kind = '', version = '', group = ''] = text.split('/').toReversed()
    return { name, responds: { group, version, kind }, verbs }
  })
}

function declaredSubresources(kind: Kind): Subresource[] {
  const verbs = ['get', 'put', 'patch']
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
  return [
    ...(kind.subresources.scale === undefined ? [] : [{ name: 'scale', responds: scale, verbs }]),
    ...(kind.subresources.status === true ? [{ name: 'status', responds: kind, verbs }] : []),
  ]
}
