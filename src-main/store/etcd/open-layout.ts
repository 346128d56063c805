import type { EtcdClient } from './etcd-client.ts'
import { follow } from './follow.ts'
import type { Layout } from './layout.ts'

/** Finds or lays the ground of a store, and tells where it stands. */
export async function openLayout(
  client: EtcdClient,
  layout: Layout,
): Promise<{ readonly revision: number; readonly compactedRevision: number }> {
  const { baseKey, causeKey } = layout
  await client.txn({
    compare: [{ result: 'EQUAL', target: 'MOD', key: baseKey, mod_revision: 0 }],
    success: [baseKey, causeKey].map((key) => ({ request_put: { key, value: Buffer.of() } })),
    failure: [],
  })
  const read = [baseKey, causeKey].map((key) => ({ request_range: { key } }))
  const { responses } = await client.txn({ compare: [], success: read, failure: [] })
  const [base = 0, newest = 0] = responses.map(({ response_range }) => response_range?.kvs[0]?.mod_revision)
  layout.base = base
  return { revision: newest - base, compactedRevision: await oldestRevision(client, layout, newest - base) }
}

/** Only a watch that asks for too much is told what is kept: this one asks for the laying of the ground, too. */
function oldestRevision(client: EtcdClient, layout: Layout, newest: number): Promise<number> {
  if (newest === 0) return Promise.resolve(0)
  return new Promise((resolve, reject) => {
    const stop = follow(client, layout, -1, {
      commits: () => {
        stop()
        resolve(0)
      },
      ended: (error, oldest) => (oldest === undefined ? reject(error) : resolve(Math.max(0, oldest))),
    })
  })
}
