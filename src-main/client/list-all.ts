import type { Kind } from '../api/define-kind.ts'
import { isReason } from '../api/errors.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import type { Client, ListOptions } from './client.ts'

/**
 * A whole list, fetched in pages of one and the same revision. When the server has forgotten that revision between
 * two pages, the list is fetched once more in one piece.
 */
export async function listAll<T extends KubernetesObject>(
  client: Client,
  kind: Kind<T>,
  options: Omit<ListOptions, 'limit' | 'continue'>,
  pageSize = 1000,
): Promise<{ items: Live<T>[]; resourceVersion: string }> {
  const first = await client.list(kind, { ...options, limit: pageSize })
  const items = [...first.items]
  const { resourceVersion: _, ...rest } = options
  let next = first.continue
  while (next !== undefined) {
    try {
      const page = await client.list(kind, { ...rest, limit: pageSize, continue: next })
      items.push(...page.items)
      next = page.continue
    } catch (error) {
      if (!isReason(error, 'Expired', 'Gone')) throw error
      return client.list(kind, options)
    }
  }
  return { items, resourceVersion: first.resourceVersion }
}
