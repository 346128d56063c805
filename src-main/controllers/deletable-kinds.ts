import type { Kind } from '../api/define-kind.ts'
import { resourceFact } from '../api/kinds/resource-facts.ts'

/** `v1` before `v2`, then betas, then alphas: whichever serves longest. */
function rank(version: string): number {
  const stage = version.includes('alpha') ? 200 : version.includes('beta') ? 100 : 0
  return stage + Number(/^v(\d+)/.exec(version)?.[1] ?? 99)
}

/** Resources whose objects can be listed and deleted, each in one of its versions. Kinds of CRDs always can. */
export function deletableKinds(served: readonly Kind[]): Kind[] {
  const chosen = new Map<string, Kind>()
  for (const kind of served) {
    const verbs = resourceFact(kind.group, kind.version, kind.plural)?.verbs
    if (verbs !== undefined && !(verbs.includes('list') && verbs.includes('delete'))) continue
    // The same events are served by two groups.
    const id = kind.plural === 'events' ? 'events' : `${kind.group}/${kind.plural}`
    const known = chosen.get(id)
    if (known === undefined || kind.group === '' || (known.group !== '' && rank(kind.version) < rank(known.version)))
      chosen.set(id, kind)
  }
  return [...chosen.values()]
}
