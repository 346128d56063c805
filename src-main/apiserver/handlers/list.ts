/** Lists, whole or in pages. Every page of a list shows the state of the same revision. */
import type { Kind } from '../../api/define-kind.ts'
import { expired, StatusError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Status } from '../../api/types/meta-v1.ts'
import { StoreError } from '../../store/store.ts'
import { CachedObject } from '../cache/cached-object.ts'
import type { Selection } from '../cache/selection.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { Pace } from '../pace.ts'
import { registryRoot, resourceKey, splitStoreKey, storeKey } from '../registry/keys.ts'
import { inVersion } from '../registry/versions.ts'
import type { Answer, StoredObject } from '../request.ts'
import { decodeContinue, encodeContinue } from './continue-token.ts'
import { checkResourceVersion, wholeNumber } from './resource-version.ts'
import { hasSelectors, selectionOf } from './selection.ts'

interface Page {
  readonly revision: number
  readonly after: string
  readonly limit: number
}

interface Found {
  readonly items: readonly CachedObject[]
  readonly more: boolean
}

/** What a collection request is about, as far as its page goes. */
export interface FoundPage {
  /** As the kind shows them. */
  readonly items: readonly StoredObject[]
  readonly answer: Answer
}

/** Throws a StatusError for parameters that cannot be meant, and for a state that is forgotten or yet to come. */
export async function findPage(parts: ServerParts, operation: Operation): Promise<FoundPage> {
  const { kind, request } = operation
  const selection = selectionOf(parts, operation)
  // An index that is yet to be made must not make the answer older than it need be.
  const preparing = parts.cache.resource(resourceKey(kind)).prepare(selection, new Pace(parts.clock))
  if (preparing !== undefined) await preparing
  const page = pageOf(parts, request.query)
  const { items, more } = await find(parts, operation, selection, page)
  const last = items.at(-1)
  const pending = parts.conversion.prepare(kind, items, request.signal)
  if (pending !== undefined) await pending
  const { matchesView } = selection
  const all = parts.shared.includes(kind) ? items.map((stored) => new View(kind, stored)) : items
  const views = matchesView === undefined ? all : all.filter(({ object }) => matchesView(object))
  const answer = { type: 'list', kind, items: views, resourceVersion: String(page.revision) } as const
  if (!more || last === undefined) return { items: views, answer }
  const token = { continue: encodeContinue({ revision: page.revision, after: last.key }) }
  if (hasSelectors(request.query)) return { items: views, answer: { ...answer, ...token } }
  const remainingItemCount = remaining(parts, operation, selection, last.key)
  return { items: views, answer: { ...answer, ...token, remainingItemCount } }
}

export async function handleList(parts: ServerParts, operation: Operation): Promise<Answer> {
  return (await findPage(parts, operation)).answer
}

function pageOf({ cache }: ServerParts, query: URLSearchParams): Page {
  const limit = wholeNumber(query.get('limit')) ?? 0
  // Lists are answered at once, but what is no number is refused.
  wholeNumber(query.get('timeoutSeconds'))
  const token = query.get('continue') ?? ''
  const asked = checkResourceVersion(query, cache.revision, token !== '')
  const at = { limit: limit <= 0 ? Infinity : limit }
  if (token === '') return { ...at, after: '', revision: asked.exact ?? cache.revision }
  const { revision, after } = decodeContinue(token)
  return { ...at, after, revision: revision < 0 ? cache.revision : revision }
}

async function find(parts: ServerParts, operation: Operation, selection: Selection, page: Page): Promise<Found> {
  const cache = parts.cache.resource(resourceKey(operation.kind))
  if (cache.lastChange > page.revision) return findInHistory(parts, operation, selection, page)
  const { after, limit } = page
  const items = await cache.listInTurns(selection, { after, limit: limit + 1 }, new Pace(parts.clock))
  return items.length > limit ? { items: items.slice(0, limit), more: true } : { items, more: false }
}

/** An object as a kind shows it; made when somebody looks. */
class View implements StoredObject {
  readonly revision: number
  private readonly kind: Kind
  private readonly stored: CachedObject

  constructor(kind: Kind, stored: CachedObject) {
    this.kind = kind
    this.stored = stored
    this.revision = stored.revision
  }

  get object(): DynamicObject {
    return inVersion(this.kind, this.stored).object
  }

  bytes(): Uint8Array {
    return inVersion(this.kind, this.stored).bytes()
  }
}

/** The resource has changed since: the store still knows how it was, until it is compacted. */
async function findInHistory(
  parts: ServerParts,
  { kind }: Operation,
  selection: Selection,
  page: Page,
): Promise<Found> {
  const resource = resourceKey(kind)
  const { namespace = '', name, matches } = selection
  const prefix = `${registryRoot}${resource}/${namespace === '' ? '' : `${namespace}/`}`
  const batch = Math.min(10_000, Math.max(500, page.limit === Infinity ? 10_000 : page.limit + 1))
  const items: CachedObject[] = []
  let after = page.after === '' ? undefined : storeKey(resource, page.after)
  for (;;) {
    const read = { prefix, limit: batch, revision: page.revision, ...(after === undefined ? {} : { after }) }
    const { entries, more } = await parts.store.list(read).catch((error: unknown) => {
      throw historyError(error, page)
    })
    for (const entry of entries) {
      const { key } = splitStoreKey(entry.key)
      const stored = CachedObject.fromStore(key, entry.modRevision, entry.value)
      if (name !== undefined && stored.object.metadata?.name !== name) continue
      if (matches !== undefined && !matches(stored.object)) continue
      items.push(stored)
      if (items.length > page.limit) return { items: items.slice(0, page.limit), more: true }
    }
    after = entries.at(-1)?.key
    if (!more || after === undefined) return { items, more: false }
  }
}

function historyError(error: unknown, page: Page): unknown {
  if (!(error instanceof StoreError) || error.code !== 'Compacted') return error
  return page.after === ''
    ? expired('The resourceVersion for the provided list is too old.')
    : new ExpiredContinue(encodeContinue({ revision: -1, after: page.after }))
}

/** The state that the earlier pages showed is forgotten; the token leads on through the newest state instead. */
class ExpiredContinue extends StatusError {
  private readonly token: string

  constructor(token: string) {
    super(410, 'Expired', expiredContinueText)
    this.token = token
  }

  override toStatus(): Status {
    return { ...super.toStatus(), metadata: { continue: this.token } }
  }
}

const expiredContinueText =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.'

/** How many come after the key, in the namespace that was asked for. */
function remaining(parts: ServerParts, { kind }: Operation, { namespace = '' }: Selection, after: string): number {
  const cache = parts.cache.resource(resourceKey(kind))
  return cache.countAfter(namespace === '' ? '' : `${namespace}/`, after)
}
