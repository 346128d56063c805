import type { Kind } from '../api/define-kind.ts'
import { badRequest } from '../api/errors.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import type {
  ApiRequest,
  Client,
  DeleteOptions,
  ListOptions,
  ListResult,
  Patch,
  RawWatchEvent,
  Transport,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts'
import { pathOf } from './paths.ts'

const patchContentTypes: Record<Patch['type'], string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

/** The typed client on any transport. Bodies without apiVersion and kind get those of their kind. */
export function createClient(transport: Transport): Client {
  const request = <T>(one: ApiRequest): Promise<Live<T>> => transport.request(one) as Promise<Live<T>>
  return {
    get: async (kind, ref, subresource) =>
      request({ method: 'GET', path: pathOf(kind, { ...ref, ...optional({ subresource }) }) }),
    list: async (kind, options = {}) => readList(kind, await transport.request(listRequest(kind, options))),
    watch: (kind, options) => watchEvents(transport.watch(watchRequest(kind, options))),
    create: async (kind, object, options = {}) =>
      request(writeRequest('POST', creationPath(kind, object, options), withType(kind, object), options)),
    update: async (kind, object, options = {}) =>
      request(writeRequest('PUT', objectPath(kind, object, options), withType(kind, object), options)),
    patch: async (kind, ref, patch, options = {}) =>
      request({
        ...writeRequest(
          'PATCH',
          pathOf(kind, { ...ref, ...optional({ subresource: options.subresource }) }),
          patch.type === 'json' ? patch.operations : patch.patch,
          options,
        ),
        contentType: patchContentTypes[patch.type],
      }),
    apply: async (kind, object, options) =>
      request({
        ...writeRequest('PATCH', objectPath(kind, object, options), withType(kind, object), options, {
          force: options.force,
        }),
        contentType: 'application/apply-patch+yaml',
      }),
    delete: async (kind, ref, options = {}) => {
      await transport.request(deleteRequest(pathOf(kind, ref), options))
    },
    post: async (kind, ref, subresource, body, cause) =>
      transport.request({ method: 'POST', path: pathOf(kind, { ...ref, subresource }), body, ...optional({ cause }) }),
    raw: (one) => transport.request(one),
  }
}

/** Drops what is undefined, so that a request has only the fields that say something. */
function optional<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

function queryOf(fields: Record<string, string | number | boolean | undefined>): { query?: Record<string, string> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  return entries.length === 0
    ? {}
    : { query: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])) }
}

function withType<T extends KubernetesObject>(kind: Kind<T>, object: T): T {
  return object.kind === undefined || object.apiVersion === undefined
    ? { ...object, apiVersion: kind.apiVersion, kind: kind.kind }
    : object
}

function objectPath<T extends KubernetesObject>(kind: Kind<T>, object: T, options: WriteOptions): string {
  const { name, namespace } = object.metadata ?? {}
  if (name === undefined) throw badRequest(`the ${kind.kind} to write has no metadata.name`)
  return pathOf(kind, { name, ...optional({ namespace, subresource: options.subresource }) })
}

function creationPath<T extends KubernetesObject>(kind: Kind<T>, object: T, options: WriteOptions): string {
  if (options.subresource !== undefined) return objectPath(kind, object, options)
  const { name, namespace } = object.metadata ?? {}
  if (kind.namespaced && (namespace === undefined || namespace === ''))
    throw badRequest(`the ${kind.kind} ${JSON.stringify(name ?? '')} to create has no metadata.namespace`)
  return pathOf(kind, optional({ namespace }))
}

function writeRequest(
  method: ApiRequest['method'],
  path: string,
  body: unknown,
  options: WriteOptions,
  query: Record<string, boolean | undefined> = {},
): ApiRequest {
  const { fieldManager, dryRun, cause, signal } = options
  return {
    method,
    path,
    body,
    ...queryOf({ fieldManager, dryRun: dryRun === true ? 'All' : undefined, ...query }),
    ...optional({ cause, signal }),
  }
}

function deleteRequest(path: string, options: DeleteOptions): ApiRequest {
  const { cause, ...fields } = options
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...optional(fields) }
  return { method: 'DELETE', path, body, ...optional({ cause }) }
}

function listRequest<T extends KubernetesObject>(kind: Kind<T>, options: ListOptions): ApiRequest {
  const { namespace, signal, ...query } = options
  return { method: 'GET', path: pathOf(kind, optional({ namespace })), ...queryOf(query), ...optional({ signal }) }
}

function watchRequest<T extends KubernetesObject>(kind: Kind<T>, options: WatchOptions): ApiRequest {
  const { namespace, signal, ...query } = options
  return {
    method: 'GET',
    path: pathOf(kind, optional({ namespace })),
    ...queryOf({ ...query, watch: true, allowWatchBookmarks: true }),
    signal,
  }
}

interface RawList<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: Live<T>[] | null
}

/** Servers leave apiVersion and kind out of the items of a list; code that handles objects wants them. */
function readList<T extends KubernetesObject>(kind: Kind<T>, answer: unknown): ListResult<T> {
  const { metadata = {}, items } = answer as RawList<T>
  return {
    items: (items ?? []).map((item) => withType<T>(kind, item) as Live<T>),
    resourceVersion: metadata.resourceVersion ?? '',
    continue: metadata.continue === '' ? undefined : metadata.continue,
  }
}

async function* watchEvents<T>(raw: AsyncIterable<RawWatchEvent>): AsyncGenerator<WatchEvent<T>> {
  for await (const { type, object } of raw) {
    const live = object as Live<T>
    if (type === 'BOOKMARK') yield { type, resourceVersion: live.metadata.resourceVersion }
    else yield { type, object: live }
  }
}
