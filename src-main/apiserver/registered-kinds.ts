import type { Kind } from '../api/define-kind.ts'
import type { KindRegistry } from './kind-registry.ts'

/** The kinds that the server serves, found by path or by name. */
export function createKindRegistry(kinds: readonly Kind[]): KindRegistry {
  const byResource = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]))
  const byName = new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind]))
  return {
    all: () => kinds,
    find: (group, version, plural) => byResource.get(`${group}/${version}/${plural}`),
    findByName: (apiVersion, kind) => byName.get(`${apiVersion} ${kind}`),
  }
}
