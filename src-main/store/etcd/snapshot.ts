import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { StoreError } from '../store.ts'
import type { EtcdClient } from './etcd-client.ts'

/** etcd's own snapshot, which `etcdctl snapshot restore` takes. The file appears at `path` only when it is whole. */
export async function saveSnapshot(client: EtcdClient, path: string): Promise<void> {
  const partial = `${path}.partial`
  try {
    await pipeline(
      client.snapshot(),
      async function* (parts: AsyncIterable<{ readonly blob: Buffer }>) {
        for await (const { blob } of parts) yield blob
      },
      createWriteStream(partial, { mode: 0o600, flush: true }),
    )
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw new StoreError('Unavailable', `the snapshot ${path} could not be written`, { cause: error })
  }
}
