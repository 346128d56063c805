import { pathOf } from '../../src-main/client/paths.ts'
import { client } from '../api.ts'
import type { DiscoveredKind } from '../kinds/discovered.ts'

interface CountedList {
  readonly metadata?: { readonly remainingItemCount?: number }
  readonly items: readonly unknown[]
}

/** How many kinds are asked at once. */
const atOnce = 6

/** Tells how many objects there are of each kind, one by one; a kind that cannot be listed is left out. */
export async function countObjects(
  kinds: readonly DiscoveredKind[],
  signal: AbortSignal,
  tell: (id: string, count: number) => void,
): Promise<void> {
  const waiting = [...kinds]
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined && !signal.aborted; one = waiting.shift()) {
      const count = await countOf(one, signal)
      if (count !== undefined) tell(one.id, count)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

async function countOf({ kind }: DiscoveredKind, signal: AbortSignal): Promise<number | undefined> {
  try {
    const answer = await client.raw({ method: 'GET', path: pathOf(kind, {}), query: { limit: '1' }, signal })
    const { metadata, items } = answer as CountedList
    return items.length + (metadata?.remainingItemCount ?? 0)
  } catch {
    // The count is an extra: the kind's own page says why it cannot be listed.
    return undefined
  }
}
