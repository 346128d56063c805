const firstPauseMs = 1000
const longestPauseMs = 15 * 60_000
/** A pod that ran for so long starts the count anew. */
const forgivenAfterMs = 2 * longestPauseMs

interface Ends {
  readonly count: number
  readonly sinceMs: number
}

/** How often the pods of each node have ended, so that one that always ends at once is not replaced without pause. */
export class EndedPods {
  private readonly records = new Map<string, Map<string, Ends>>()

  /** Milliseconds until a pod that has ended may be replaced. Times are those of the monotonic clock. */
  pauseMs(key: string, nodeName: string, nowMs: number): number {
    const nodes = this.records.get(key) ?? new Map<string, Ends>()
    this.records.set(key, nodes)
    const known = nodes.get(nodeName)
    if (known === undefined || nowMs - known.sinceMs > forgivenAfterMs) {
      nodes.set(nodeName, { count: 0, sinceMs: nowMs })
      return 0
    }
    const pauseMs = known.count === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (known.count - 1))
    return Math.max(0, known.sinceMs + pauseMs - nowMs)
  }

  replaced(key: string, nodeName: string, nowMs: number): void {
    const nodes = this.records.get(key)
    nodes?.set(nodeName, { count: (nodes.get(nodeName)?.count ?? 0) + 1, sinceMs: nowMs })
  }

  forget(key: string): void {
    this.records.delete(key)
  }
}
