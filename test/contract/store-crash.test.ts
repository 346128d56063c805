import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src-main/lib/random.ts'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import { codeOf, put, record, text } from './store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'orrery-crash-'))
afterAll(() => rmSync(folder, { recursive: true }))
/** Each takes about 0.4 s; 200 of them are a matter of a minute. */
const rounds = Number(process.env['ORRERY_CRASH_ROUNDS'] ?? '40')
const writer = fileURLToPath(new URL('store-crash-writer.ts', import.meta.url))

interface Told {
  /** The last acknowledged state of each key. */
  readonly keys: Map<string, { readonly type: string; readonly revision: number }>
  newest: number
  compacted: number
}

/** Which thread of the process writes the file. */
type Where = 'thread' | 'here'

/** What the process writes to its descriptor 3. */
function saidBy(child: ChildProcess): Readable {
  const said = child.stdio[3]
  if (!(said instanceof Readable)) throw new Error('the writer was started without a pipe')
  return said
}

/** Lets a process write until it has said `lines` lines, and kills it there. */
async function writeAndKill(path: string, seed: number, lines: number, where: Where): Promise<string[]> {
  const child = spawn(process.execPath, [writer, path, String(seed), where], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  let said = ''
  saidBy(child).on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.split('\n').length > lines) child.kill('SIGKILL')
  })
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
  // The last line may be cut off.
  return said.split('\n').slice(0, -1)
}

function understand(lines: readonly string[], told: Told): void {
  for (const line of lines) {
    const [type = '', ...rest] = line.split(' ')
    const revision = Number(rest.at(-1))
    if (type === 'open') expect(revision).toBeGreaterThanOrEqual(told.newest)
    else if (type === 'compact') told.compacted = Math.max(told.compacted, revision)
    else {
      told.keys.set(rest[0] ?? '', { type, revision })
      told.newest = Math.max(told.newest, revision)
    }
  }
}

describe('a process that is killed while it writes', () => {
  it('loses nothing acknowledged, repeats no revision and keeps its history whole', async () => {
    const found = await Promise.all(
      (['thread', 'here'] as const).map((where, chain) => killAgainAndAgain(chain + 1, Math.ceil(rounds / 2), where)),
    )
    for (const told of found) expect(told.keys.size).toBeGreaterThan(20)
  }, 600_000)

  /** One file after another process's death, again and again. */
  async function killAgainAndAgain(chain: number, times: number, where: Where): Promise<Told> {
    const path = join(folder, `killed-${chain}.db`)
    const random = seededRandom(20_261_123 + chain)
    const told: Told = { keys: new Map(), newest: 0, compacted: 0 }
    for (let round = 1; round <= times; round++) {
      understand(await writeAndKill(path, chain * 1000 + round, 1 + random.integer(400), where), told)
      const store = openSqliteStore({ path })
      expect(store.revision).toBeGreaterThanOrEqual(told.newest)
      expect(store.compactedRevision).toBeGreaterThanOrEqual(told.compacted)
      for (const [key, { type, revision }] of told.keys) {
        const entry = await store.get(key)
        const stands = entry?.modRevision ?? 0
        // A later commit may have been written but not yet acknowledged when the process died.
        if (type === 'put' && stands !== revision) expect(entry === undefined || stands > revision).toBe(true)
        if (entry !== undefined && key !== '/beat') expect(text(entry.value)?.startsWith(`${key} `)).toBe(true)
      }
      await expectHistoryToLeadToTheState(store)
      told.newest = Math.max(told.newest, (await store.commit([put('/after', String(round))])).revision)
      await store.dispose()
    }
    return told
  }

  async function expectHistoryToLeadToTheState(store: ReturnType<typeof openSqliteStore>): Promise<void> {
    const { entries } = await store.list({ prefix: '/', revision: store.compactedRevision })
    const state = new Map(entries.map(({ key, modRevision }) => [key, modRevision]))
    const history = record(store, '/', store.compactedRevision)
    while (history.error === undefined && (history.events.at(-1)?.revision ?? 0) < store.revision) {
      const before = history.events.length
      await store.get('/')
      await new Promise((resolve) => setImmediate(resolve))
      if (history.events.length === before) break
    }
    expect(history.error).toBeUndefined()
    for (const event of history.events) {
      if (event.type === 'put') {
        expect(event.previous?.modRevision).toBe(state.get(event.key))
        state.set(event.key, event.revision)
      } else {
        expect(event.entry.modRevision).toBe(state.get(event.key))
        state.delete(event.key)
      }
    }
    const now = (await store.list({ prefix: '/' })).entries.map(({ key, modRevision }) => [key, modRevision])
    expect([...state].sort()).toEqual(now.sort())
  }

  it('leaves the file to the next one, while a living one keeps it', async () => {
    const path = join(folder, 'locked.db')
    const child = spawn(process.execPath, [writer, path, '1'], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
    await once(saidBy(child), 'data')
    expect(await codeOf((async () => openSqliteStore({ path }))())).toBe('InUse')
    child.kill('SIGKILL')
    await once(child, 'close')
    const store = openSqliteStore({ path })
    expect(await codeOf((async () => openSqliteStore({ path }))())).toBe('InUse')
    // The refused attempt has not loosened the lock that this process holds.
    const other = spawn(process.execPath, [writer, path, '1'], { stdio: ['ignore', 'ignore', 'pipe'] })
    let complaint = ''
    other.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    expect(await once(other, 'close')).not.toContain(0)
    expect(complaint).toContain('is open in another process')
    expect(await codeOf(store.commit([put('/a', '1')]))).toBe('fulfilled')
    await store.dispose()
  })
})
