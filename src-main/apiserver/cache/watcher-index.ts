/** Finds the watchers that an event may concern without asking every one of them. */
import type { CacheEvent } from './event-window.ts'
import type { Selection } from './selection.ts'
import type { Watcher } from './watcher.ts'

export type FieldReaders = Readonly<Record<string, (object: object) => string>>

const everyone = '*'

export class WatcherIndex {
  private readonly byRoute = new Map<string, Set<Watcher>>()
  /** How many watchers rely on each indexed field: a field that nobody watches is not read. */
  private readonly fieldUsers = new Map<string, number>()
  private readonly fields: FieldReaders

  constructor(fields: FieldReaders) {
    this.fields = fields
  }

  add(watcher: Watcher): void {
    const route = routeOf(watcher.selection)
    const known = this.byRoute.get(route)
    if (known === undefined) this.byRoute.set(route, new Set([watcher]))
    else known.add(watcher)
    this.countField(watcher.selection, 1)
  }

  delete(watcher: Watcher): void {
    const route = routeOf(watcher.selection)
    const known = this.byRoute.get(route)
    if (known === undefined || !known.delete(watcher)) return
    if (known.size === 0) this.byRoute.delete(route)
    this.countField(watcher.selection, -1)
  }

  get size(): number {
    let size = 0
    for (const watchers of this.byRoute.values()) size += watchers.size
    return size
  }

  all(): Watcher[] {
    return [...this.byRoute.values()].flatMap((watchers) => [...watchers])
  }

  /** Calls `visit` once for every watcher that the event may concern. */
  visit(event: CacheEvent, visit: (watcher: Watcher) => void): void {
    if (this.byRoute.size === 0) return
    const { namespace, name } = event
    const routes = new Set([everyone, namespaceRoute(namespace), nameRoute(namespace, name), nameRoute('', name)])
    for (const [field, users] of this.fieldUsers) {
      const read = users > 0 ? this.fields[field] : undefined
      if (read === undefined) continue
      routes.add(fieldRoute(field, read(event.stored.object)))
      if (event.previous !== undefined) routes.add(fieldRoute(field, read(event.previous.object)))
    }
    for (const route of routes) for (const watcher of this.byRoute.get(route) ?? []) visit(watcher)
  }

  private countField({ indexed }: Selection, change: number): void {
    if (indexed === undefined) return
    this.fieldUsers.set(indexed.field, (this.fieldUsers.get(indexed.field) ?? 0) + change)
  }
}

const namespaceRoute = (namespace: string): string => `namespace ${namespace}`
const nameRoute = (namespace: string, name: string): string => `name ${namespace}/${name}`
const fieldRoute = (field: string, value: string): string => `field ${field}=${value}`

function routeOf({ namespace, name, indexed }: Selection): string {
  if (name !== undefined) return nameRoute(namespace ?? '', name)
  if (indexed !== undefined) return fieldRoute(indexed.field, indexed.value)
  return namespace === undefined ? everyone : namespaceRoute(namespace)
}
