/** Sets of completion indexes in the form that a Job's status writes them: `0,2-4,7`. */

/** Reads the compressed form; whatever lies at or beyond `limit` is left out. */
export function parseIndexes(text: string | undefined, limit: number): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (first === undefined) continue
    for (let index = Number(first); index <= Math.min(Number(last), limit - 1); index++) indexes.add(index)
  }
  return indexes
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let start = 0; start < sorted.length;) {
    let end = start
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++
    // Two neighbours stand side by side, as Kubernetes writes them.
    parts.push(end - start > 1 ? `${sorted[start]}-${sorted[end]}` : sorted.slice(start, end + 1).join(','))
    start = end + 1
  }
  return parts.join(',')
}
