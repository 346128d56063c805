/** Every kind that the server offers, read once and again whenever somebody asks for one that is not known. */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { describeError } from '../../src-main/lib/log.ts'
import { client, readAsTable } from '../api.ts'
import { kindsOf, type ApiResource, type DiscoveredKind } from '../kinds/discovered.ts'
import type { TableColumn } from '../table-transport.ts'

export type Discovery =
  | { readonly type: 'loading' }
  /** `missing`: groups that could not be read, with the reason. */
  | { readonly type: 'read'; readonly kinds: readonly DiscoveredKind[]; readonly missing: readonly string[] }
  | { readonly type: 'failed'; readonly reason: string }

interface GroupList {
  readonly groups: readonly { readonly name: string; readonly preferredVersion: { readonly groupVersion: string } }[]
}

const state = shallowRef<Discovery>({ type: 'loading' })
const known = new Map<string, DiscoveredKind>()
const columns = shallowRef<ReadonlyMap<string, readonly TableColumn[]>>(new Map())
let reading: Promise<void> | undefined

/** Reads it again, unless that is under way. */
export function refreshDiscovery(): Promise<void> {
  reading ??= read().finally(() => (reading = undefined))
  return reading
}

async function read(): Promise<void> {
  try {
    const { groups } = (await client.raw({ method: 'GET', path: '/apis' })) as GroupList
    const paths = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]
    const results = await Promise.allSettled(paths.map(readVersion))
    const missing = results.flatMap((result, index) =>
      result.status === 'rejected' ? [`${paths[index] ?? ''}: ${describeError(result.reason)}`] : [],
    )
    const kinds = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
    state.value = { type: 'read', kinds: kinds.map(keep), missing }
  } catch (error) {
    // What was known stays right until something else is known.
    if (state.value.type !== 'read') state.value = { type: 'failed', reason: describeError(error) }
  }
}

async function readVersion(path: string): Promise<DiscoveredKind[]> {
  const { resources } = (await client.raw({ method: 'GET', path })) as { resources: ApiResource[] }
  const [, root, first = '', second = ''] = path.split('/')
  return root === 'api' ? kindsOf('', first, resources) : kindsOf(first, second, resources)
}

/** The same kind stays the same value, so that its watches go on. */
function keep(found: DiscoveredKind): DiscoveredKind {
  const before = known.get(found.id)
  if (
    before !== undefined &&
    JSON.stringify([before.verbs, before.kind.scope]) === JSON.stringify([found.verbs, found.kind.scope])
  )
    return before
  known.set(found.id, found)
  readAsTable(found.kind, found.verbs.includes('watch'), (list) => {
    columns.value = new Map(columns.value).set(found.id, list)
  })
  return found
}

export function useDiscovery(): ShallowRef<Discovery> {
  if (state.value.type !== 'read') void refreshDiscovery()
  return state
}

export interface KnownKind {
  readonly found: DiscoveredKind | undefined
  readonly columns: readonly TableColumn[] | undefined
}

/** One kind by its id; `found` is undefined while it loads, and when there is none. */
export function useDiscoveredKind(id: string): { discovery: ShallowRef<Discovery>; known: ComputedRef<KnownKind> } {
  const discovery = useDiscovery()
  if (!known.has(id)) void refreshDiscovery()
  return {
    discovery,
    known: computed(() => ({
      found: discovery.value.type === 'read' ? discovery.value.kinds.find((one) => one.id === id) : undefined,
      columns: columns.value.get(id),
    })),
  }
}
