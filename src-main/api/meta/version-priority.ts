/** Stable before beta before alpha, then the newer first; versions that are not of Kubernetes' form come last, by name. */
export function byVersionPriority(left: string, right: string): number {
  const ranks = [rankOf(left), rankOf(right)] as const
  for (const [index, rank] of ranks[0].entries()) {
    const difference = (ranks[1][index] ?? 0) - rank
    if (difference !== 0) return difference
  }
  return left < right ? -1 : 1
}

function rankOf(version: string): readonly number[] {
  const found = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (found === null) return [0, 0, 0]
  const stability = found[2] === undefined ? 3 : found[2] === 'beta' ? 2 : 1
  return [stability, Number(found[1]), Number(found[3] ?? 0)]
}
