/**
 * A process to be killed: writes into the store file argv[2] as fast as it can, with the seed argv[3], and writes each
 * acknowledged commit to descriptor 3 as `put KEY REVISION`, `delete KEY REVISION` or `compact REVISION`. With `thread` as argv[4] the
 * file is written by a thread of its own, as in the app.
 */
import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../src-main/lib/random.ts'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import type { Store } from '../../src-main/store/store.ts'
import { openThreadedStore } from '../../src-main/store/threaded.ts'

const [, , path = '', seed = '1', where] = process.argv
const random = seededRandom(Number(seed))

/** Each writer has keys of its own, so that the last line about a key is its last acknowledged state. */
async function write(store: Store, writer: number): Promise<never> {
  for (;;) {
    const key = `/${writer}/${random.integer(20)}`
    const type = random.integer(4) === 0 ? 'delete' : 'put'
    const value = new TextEncoder().encode(`${key} `.repeat(1 + random.integer(300)))
    const { revision } = await store.commit([type === 'put' ? { type, key, value } : { type, key }])
    say(`${type} ${key} ${revision}`)
  }
}

async function compact(store: Store): Promise<never> {
  for (;;) {
    const { revision } = store
    await store.compact(revision)
    say(`compact ${revision}`)
    for (let turn = 0; turn < 50; turn++) await store.commit([{ type: 'put', key: '/beat', value: new Uint8Array(9) }])
  }
}

/** Synchronous, so that nothing acknowledged is held back in this process; not stdout, which a thread makes non-blocking. */
function say(line: string): void {
  writeSync(3, `${line}\n`)
}

const threadFile = fileURLToPath(new URL('../../src-main/store/sqlite/thread.ts', import.meta.url))
const store = where === 'thread' ? await openThreadedStore({ path, threadFile }) : openSqliteStore({ path })
say(`open ${store.revision}`)
await Promise.all([compact(store), ...[1, 2, 3, 4, 5].map((writer) => write(store, writer))])
