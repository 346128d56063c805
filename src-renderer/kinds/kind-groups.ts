/** The kinds of a cluster in the order in which they are shown, and how one finds one of them. */
import type { DiscoveredKind } from './discovered.ts'
import { views } from './index.ts'

export interface KindGroup {
  /** `core` for the group without a name. */
  readonly name: string
  readonly version: string
  readonly isCustom: boolean
  readonly kinds: readonly DiscoveredKind[]
}

const builtIn = /(^|\.)k8s\.io$|^(apps|batch|autoscaling|policy|extensions)$|orrery\.dev$/

/** What one looks for most; custom resources come after these, all other groups after those. */
const first = ['core', 'apps', 'batch', 'networking.k8s.io', 'autoscaling']

export function groupKinds(kinds: readonly DiscoveredKind[]): KindGroup[] {
  const groups = new Map<string, DiscoveredKind[]>()
  for (const one of kinds) groups.set(one.kind.group, [...(groups.get(one.kind.group) ?? []), one])
  const rank = ({ name, isCustom }: KindGroup): number => {
    const at = first.indexOf(name)
    return at >= 0 ? at : isCustom ? first.length : first.length + 1
  }
  return [...groups]
    .map(([name, found]) => ({
      name: name === '' ? 'core' : name,
      version: found[0]?.kind.version ?? '',
      isCustom: name !== '' && !builtIn.test(name),
      kinds: found,
    }))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}

/** Where the list of a kind is: on a page of its own, or on the one for any kind. */
export function listPath({ id, kind }: DiscoveredKind): string {
  return hasOwnPage({ kind }) ? `/${kind.plural}` : `/explore/${id}`
}

export const hasOwnPage = ({ kind }: Pick<DiscoveredKind, 'kind'>): boolean => {
  const own = views[kind.plural]?.kind
  return own !== undefined && own.group === kind.group && own.version === kind.version
}

/** The kinds that a text means: by kind, plural, short name or group. */
export function findKinds(kinds: readonly DiscoveredKind[], text: string): readonly DiscoveredKind[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return kinds.filter(({ kind }) => {
    const all = [kind.kind, kind.plural, kind.group, ...kind.short].join(' ').toLowerCase()
    return words.every((word) => all.includes(word))
  })
}
