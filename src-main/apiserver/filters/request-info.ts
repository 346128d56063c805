/** What a request is about, read from its method and path alone. */
import { badRequest } from '../../api/errors.ts'
import { parseFieldSelector } from '../../api/meta/field-selector.ts'
import { SelectorError } from '../../api/meta/label-selector.ts'

export type ResourceVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export interface ResourceTarget {
  readonly group: string
  readonly version: string
  readonly plural: string
  /** Empty: all namespaces, or a cluster-scoped resource. */
  readonly namespace: string
  /** Empty: the collection. */
  readonly name: string
  readonly subresource: string
  /** What follows the subresource, as in `nodes/n1/proxy/metrics`. */
  readonly rest: readonly string[]
}

export type RequestInfo =
  | {
      readonly type: 'resource'
      readonly verb: ResourceVerb
      readonly path: string
      readonly target: ResourceTarget
      /** As they are asked for; of lists, watches and deletions of many. */
      readonly fieldSelector?: string
      readonly labelSelector?: string
    }
  | { readonly type: 'path'; readonly verb: string; readonly path: string }

interface Shape {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
}

/** The chain asks, and the metrics ask again. */
const known = new WeakMap<Shape, RequestInfo>()

/** Throws a BadRequest for a path that cannot be decoded. */
export function requestInfo(request: Shape): RequestInfo {
  const before = known.get(request)
  if (before !== undefined) return before
  const info = readInfo(request)
  known.set(request, info)
  return info
}

function readInfo({ method, path, query }: Shape): RequestInfo {
  const segments = splitPath(path)
  const old = watchedOf(segments)
  if (old !== undefined) return oldWatch(old, path, query)
  const target = resourceTarget(segments)
  const verb = target === undefined ? undefined : verbOf(method, target, query)
  if (target === undefined || verb === undefined) return { type: 'path', verb: method.toLowerCase(), path }
  if (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection')
    return { type: 'resource', verb, path, target }
  return { type: 'resource', verb, path, target: withSelectedName(target, query), ...selectorsOf(query) }
}

/** The oldest way to watch, `/api/v1/watch/…`: the path without that word; undefined for every other path. */
function watchedOf(segments: readonly string[]): readonly string[] | undefined {
  const at = segments[0] === 'api' ? 2 : 3
  const isOld = segments[at] === 'watch' && segments.length > at + 1 && (at === 2 || segments[0] === 'apis')
  return isOld ? segments.toSpliced(at, 1) : undefined
}

/** Asks for the same as the parameters of a list would, and so becomes them; a name is a selector. */
function oldWatch(segments: readonly string[], path: string, query: URLSearchParams): RequestInfo {
  const target = resourceTarget(segments)
  if (target === undefined) return { type: 'path', verb: 'get', path }
  query.set('watch', 'true')
  const others = query.get('fieldSelector') ?? ''
  const named = target.name === '' ? '' : `metadata.name=${target.name}`
  const fieldSelector = [named, others].filter((part) => part !== '').join(',')
  if (fieldSelector !== '') query.set('fieldSelector', fieldSelector)
  const isNamespace = target.plural === 'namespaces' && target.group === ''
  const all = isNamespace ? { ...target, namespace: '' } : target
  return { type: 'resource', verb: 'watch', path, target: all, ...selectorsOf(query) }
}

function selectorsOf(query: URLSearchParams): { fieldSelector?: string; labelSelector?: string } {
  const fieldSelector = query.get('fieldSelector') ?? ''
  const labelSelector = query.get('labelSelector') ?? ''
  return { ...(fieldSelector === '' ? {} : { fieldSelector }), ...(labelSelector === '' ? {} : { labelSelector }) }
}

function splitPath(path: string): string[] {
  try {
    const segments = path.split('/').filter((segment) => segment !== '')
    return path.includes('%') ? segments.map(decodeURIComponent) : segments
  } catch {
    throw badRequest(`the path ${JSON.stringify(path)} is not well encoded`)
  }
}

function resourceTarget(segments: readonly string[]): ResourceTarget | undefined {
  const [root, ...parts] = segments
  const core = root === 'api'
  if (!core && root !== 'apis') return undefined
  const [group = '', version, ...tail] = core ? ['', ...parts] : parts
  const [first, second, third, ...others] = tail
  if (version === undefined || first === undefined) return undefined
  const at = { group, version }
  if (first === 'namespaces' && second !== undefined) {
    if (third === undefined) return { ...at, plural: first, namespace: second, name: second, subresource: '', rest: [] }
    if (core && (third === 'status' || third === 'finalize'))
      return { ...at, plural: first, namespace: second, name: second, subresource: third, rest: others }
    const [name = '', subresource = '', ...rest] = others
    return { ...at, plural: third, namespace: second, name, subresource, rest }
  }
  return { ...at, plural: first, namespace: '', name: second ?? '', subresource: third ?? '', rest: others }
}

function verbOf(
  method: string,
  { name, subresource }: ResourceTarget,
  query: URLSearchParams,
): ResourceVerb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (name !== '') return 'get'
      return isTrue(query.get('watch')) ? 'watch' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'OPTIONS':
      // What a proxied server answers to; it is as harmless as a read.
      return subresource === 'proxy' ? 'get' : undefined
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    default:
      return undefined
  }
}

/**
 * A list of the one object with a given name counts as a request for that object when it is authorized. Read as the
 * handler reads it: a name within an escaped value is none.
 */
function withSelectedName(target: ResourceTarget, query: URLSearchParams): ResourceTarget {
  const name = selectedName(query.get('fieldSelector') ?? '')
  return name === undefined || !isSegment(name) ? target : { ...target, name }
}

function selectedName(fieldSelector: string): string | undefined {
  if (!fieldSelector.includes('metadata.name')) return undefined
  try {
    return parseFieldSelector(fieldSelector).requirements.find(
      ({ path, operator }) => path === 'metadata.name' && operator === '=',
    )?.value
  } catch (error) {
    // What cannot be read selects nothing; the handler tells the client.
    if (error instanceof SelectorError) return undefined
    throw error
  }
}

const isSegment = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/%]/.test(name)

/** A query parameter says yes unless it says no. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['0', 'false'].includes(value.toLowerCase())
}
