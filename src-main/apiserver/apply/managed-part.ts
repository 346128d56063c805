import type { DynamicObject } from '../../api/meta/object.ts'

/** What managers can own: all but the identity and what the server writes into metadata. */
export function managedPart({ metadata, apiVersion: _a, kind: _k, ...rest }: DynamicObject): object {
  if (metadata === undefined) return rest
  const { generateName, labels, annotations, finalizers, ownerReferences } = metadata
  const given = Object.entries({ generateName, labels, annotations, finalizers, ownerReferences }).filter(
    ([, value]) => value !== undefined,
  )
  return given.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(given) }
}
