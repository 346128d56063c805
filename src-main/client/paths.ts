import { badRequest } from '../api/errors.ts'

/** What a path needs to know of a kind. */
export interface PathKind {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly namespaced: boolean
}

export interface PathTarget {
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

/** The API path of a collection (no name), an object or its subresource. A namespaced kind without a namespace means all of them. */
export function pathOf(kind: PathKind, target: PathTarget): string {
  const root = kind.group === '' ? ['api', kind.version] : ['apis', kind.group, kind.version]
  const { namespace, name, subresource } = target
  if (name === '') throw badRequest(`a name is needed to address one of the ${kind.plural}`)
  const inNamespace = kind.namespaced && namespace !== undefined && namespace !== ''
  if (kind.namespaced && !inNamespace && name !== undefined)
    throw badRequest(`a namespace is needed to address ${kind.plural} ${JSON.stringify(name)}`)
  const segments = [
    ...root,
    ...(inNamespace ? ['namespaces', namespace] : []),
    kind.plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  return `/${segments.map(encodeSegment).join('/')}`
}

/** Also encodes the dots of a segment that a URL parser would take for a step in the path. */
function encodeSegment(segment: string): string {
  return segment === '.' || segment === '..' ? segment.replaceAll('.', '%2E') : encodeURIComponent(segment)
}
