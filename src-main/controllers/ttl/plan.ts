/** For how long kubelets may keep secrets and config maps: the longer, the more nodes ask. */

/** A step down comes later than the step up, so that a cluster that sways about a limit does not rewrite every node. */
const steps: readonly { readonly from: number; readonly upTo: number; readonly seconds: number }[] = [
  { from: 0, upTo: 100, seconds: 0 },
  { from: 90, upTo: 500, seconds: 15 },
  { from: 450, upTo: 1000, seconds: 30 },
  { from: 900, upTo: 2000, seconds: 60 },
  { from: 1800, upTo: Infinity, seconds: 300 },
]

/** The step for so many nodes, when it was `current` so far. Source: kube-controller-manager's `ttl-controller`. */
export function ttlStep(nodes: number, current: number): number {
  const { from, upTo } = steps[current] ?? { from: 0, upTo: Infinity }
  if (nodes > upTo) return ttlStep(nodes, current + 1)
  return nodes < from ? ttlStep(nodes, current - 1) : current
}

export const ttlSeconds = (step: number): number => steps[step]?.seconds ?? 0
