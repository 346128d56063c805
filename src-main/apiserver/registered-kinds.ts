import type { Kind } from '../api/define-kind.ts'
import { Emitter } from '../lib/emitter.ts'
import type { KindRegistry } from './kind-registry.ts'
import { resourceKey } from './registry/keys.ts'

/** A registry whose custom kinds follow the CRDs. */
export interface ChangingKinds extends KindRegistry {
  /** All kinds of CRDs, in place of those before. */
  setCustom(kinds: readonly Kind[]): void
}

const resourceId = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`
const nameId = (apiVersion: string, kind: string): string => `${apiVersion} ${kind}`

/** The kinds that the server serves, found by path or by name. */
export function createKindRegistry(builtIn: readonly Kind[]): ChangingKinds {
  const resources = new Set(builtIn.map(resourceKey))
  const changes = new Emitter<void>()
  let all = builtIn
  let byResource = new Map<string, Kind>()
  let byName = new Map<string, Kind>()
  const index = (): void => {
    byResource = new Map(all.map((kind) => [resourceId(kind.group, kind.version, kind.plural), kind]))
    byName = new Map(all.map((kind) => [nameId(kind.apiVersion, kind.kind), kind]))
  }
  index()
  return {
    all: () => all,
    find: (group, version, plural) => byResource.get(resourceId(group, version, plural)),
    findByName: (apiVersion, kind) => byName.get(nameId(apiVersion, kind)),
    isBuiltIn: (group, plural) => resources.has(resourceKey({ group, plural })),
    onChange: (listener) => changes.on(listener),
    setCustom(kinds) {
      all = [...builtIn, ...kinds]
      index()
      changes.emit()
    },
  }
}
