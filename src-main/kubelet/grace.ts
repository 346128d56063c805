import type { Pod } from '../api/types/core-v1.ts'

/** A negative wish is as good as "now", but containers are still asked before they are killed. */
export function graceOf({ spec }: Pod): number {
  const wanted = spec?.terminationGracePeriodSeconds ?? 30
  return wanted < 0 ? 1 : wanted
}
