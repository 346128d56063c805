/** How everything talks to the API: components, the UI and tests alike, each under its own identity. */
import type { Kind } from '../api/define-kind.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'

/** One request, as a path of the HTTP API. The transport adds who asks. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path only, for example `/api/v1/namespaces/default/pods`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** For patches; JSON otherwise. */
  readonly contentType?: string
  /** Plain data. The receiver may keep it: the caller does not touch it afterwards. */
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** What set the request off, for the history and for causes: the revision and queue key that the actor worked on. */
  readonly cause?: { readonly revision?: number; readonly key?: string }
}

export interface RawWatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: unknown
}

export interface Transport {
  /** The decoded answer. Rejects with a StatusError when the server answers with a failure. */
  request(request: ApiRequest): Promise<unknown>
  /** Events until the signal aborts or the server ends the watch; throws a StatusError (`Expired`) when history is gone. */
  watch(request: ApiRequest): AsyncIterable<RawWatchEvent>
}

export interface ObjectRef {
  readonly name: string
  readonly namespace?: string
}

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly signal?: AbortSignal
}

export interface ListResult<T> {
  readonly items: Live<T>[]
  readonly resourceVersion: string
  readonly continue: string | undefined
}

export interface WatchOptions extends Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'> {
  /** Events after this one. */
  readonly resourceVersion: string
  readonly signal: AbortSignal
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Live<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }

export interface WriteOptions {
  readonly subresource?: string
  readonly fieldManager?: string
  readonly dryRun?: boolean
  readonly cause?: ApiRequest['cause']
  readonly signal?: AbortSignal
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly cause?: ApiRequest['cause']
}

export type Patch =
  | { readonly type: 'json'; readonly operations: readonly unknown[] }
  | { readonly type: 'merge' | 'strategic'; readonly patch: unknown }

export interface Client {
  get<T extends KubernetesObject>(kind: Kind<T>, ref: ObjectRef, subresource?: string): Promise<Live<T>>
  list<T extends KubernetesObject>(kind: Kind<T>, options?: ListOptions): Promise<ListResult<T>>
  watch<T extends KubernetesObject>(kind: Kind<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>
  create<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<Live<T>>
  /** Replaces; the object's resourceVersion, when it has one, must be the stored one. */
  update<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<Live<T>>
  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    ref: ObjectRef,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<Live<T>>
  /** Server-side apply. */
  apply<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options: WriteOptions & { readonly fieldManager: string; readonly force?: boolean },
  ): Promise<Live<T>>
  delete<T extends KubernetesObject>(kind: Kind<T>, ref: ObjectRef, options?: DeleteOptions): Promise<void>
  /** POST to a subresource that takes an object of another kind: `binding`, `eviction`, `token`. */
  post<T extends KubernetesObject>(
    kind: Kind<T>,
    ref: ObjectRef,
    subresource: string,
    body: object,
    cause?: ApiRequest['cause'],
  ): Promise<unknown>
  /** For what has no kind: `/version`, `/healthz`. */
  raw(request: ApiRequest): Promise<unknown>
}
