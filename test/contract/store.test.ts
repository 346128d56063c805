import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { MemoryStore } from '../../src-main/store/memory.ts'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import { openThreadedStore } from '../../src-main/store/threaded.ts'
import { describeStore } from './store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'orrery-store-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const threadFile = join(import.meta.dirname, '../../src-main/store/sqlite/thread.ts')

describeStore('memory', async () => new MemoryStore())
describeStore('sqlite', async () => openSqliteStore({ path: join(folder, `${++files}.db`) }))
describeStore('sqlite in a thread', () => openThreadedStore({ path: join(folder, `${++files}.db`), threadFile }))
