import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import { claimKeysOf } from './volumes/pod-claims.ts'

/** How many pods with a node use each claim, by its key `namespace/name`. */
export class ClaimUsers {
  private readonly users = new Map<string, number>()

  of(key: string): number {
    return this.users.get(key) ?? 0
  }

  /** A pod came to its node (`1`) or left it (`-1`). */
  change(pod: Live<Pod>, by: 1 | -1): void {
    for (const key of claimKeysOf(pod)) {
      const count = this.of(key) + by
      if (count === 0) this.users.delete(key)
      else this.users.set(key, count)
    }
  }
}
