import { afterEach, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DisposableStack } from '../../lib/disposable.ts'
import { silentLog } from '../../lib/log.ts'
import { seededRandom } from '../../lib/random.ts'
import { systemClock } from '../../lib/system-clock.ts'
import { until } from '../../../test/support/until.ts'
import { aCache, aNode, aPod } from '../test-objects.ts'
import { followPluginFolder } from './plugin-folder.ts'
import type { PluginError } from './plugin-thread.ts'
import { UserPlugin } from './user-plugin.ts'
import { UserPlugins } from './user-plugins.ts'

const running = new DisposableStack()
afterEach(() => running.dispose())

const nodes = aCache([aNode('a', { labels: { disk: 'ssd' } }), aNode('b')]).snapshot().nodes
const pod = aPod('p')

function load(text: string, callMs = 5000) {
  const faults: PluginError[] = []
  const limits = { startMs: 20_000, callMs, memoryMiB: 32 }
  const plugin = new UserPlugin(
    { name: 'mine', text, origin: 'mine.ts' },
    {
      ...{ clock: systemClock, random: seededRandom(1), limits },
      onFault: (_, fault) => void faults.push(fault),
    },
  )
  running.use(plugin)
  return { plugin, faults }
}

describe("a user's plugin", () => {
  it('written in TypeScript filters and scores all nodes in one call each', async () => {
    const { plugin } = load(`
      interface View { name: string; labels: Record<string, string> }
      export const weight = 3
      let calls = 0
      export function filter(pod: unknown, node: View): boolean | string {
        return node.labels.disk === 'ssd' || 'node(s) had no ssd'
      }
      export const score = (pod: { metadata: { name: string } }, node: View): number => node.name === 'a' ? 500 : 12
    `)
    expect(await plugin.filter(pod, nodes)).toEqual([
      { node: 'b', predicate: 'mine', code: 'unresolvable', reasons: ['node(s) had no ssd'] },
    ])
    expect(await plugin.score(pod, nodes)).toEqual({
      ...{ priority: 'mine', weight: 3, raw: [500, 12], normalised: [100, 12] },
    })
    expect(await plugin.permit(pod, 'a')).toEqual({ type: 'allow' })
  })

  it('permits, denies or makes wait', async () => {
    const { plugin } = load(`
      export const permit = (pod, node) => node === 'a' || (node === 'b' ? { wait: 5 } : 'not there')
    `)
    expect(await plugin.permit(pod, 'a')).toEqual({ type: 'allow' })
    expect(await plugin.permit(pod, 'b')).toEqual({ type: 'wait', seconds: 5 })
    expect(await plugin.permit(pod, 'c')).toEqual({ type: 'deny', reason: 'not there' })
  })

  it('sees nothing but the language', async () => {
    const { plugin } = load(`
      const reach = ['process', 'require', 'fetch', 'setTimeout', 'Buffer', 'WebAssembly'].filter((name) => {
        try { return name === 'WebAssembly' ? false : name in globalThis } catch { return false }
      })
      const escape = () => { try { return filter.constructor('return process')() } catch { return undefined } }
      export function filter() { return reach.length === 0 && escape() === undefined ? true : reach.join() + 'escaped' }
    `)
    expect(await plugin.filter(pod, nodes)).toEqual([])
  })

  const attacks: [string, string][] = [
    ['from what it is given', 'const go = (p, n) => [p, n, globalThis]'],
    [
      'from errors and their traces',
      'Error.prepareStackTrace = (_, t) => t\nconst go = () => [new Error().stack].flat()',
    ],
    [
      'from a stack that is full',
      'let e\nconst f = () => { try { f() } catch (x) { e ??= x } }\nf()\nconst go = () => [e]',
    ],
  ]
  it.each(attacks)('finds no way out of its context %s', async (_what, text) => {
    const { plugin } = load(`${text}
      const found = [], seen = new Set()
      const walk = (value, depth) => {
        if (Object(value) !== value || seen.has(value) || depth > 6) return
        seen.add(value)
        // The constructor of functions of another context could make code there.
        try { found.push(value.constructor.constructor('return typeof process')()) } catch {}
        for (const key of Reflect.ownKeys(value)) {
          const { value: one, get, set } = Reflect.getOwnPropertyDescriptor(value, key) ?? {}
          for (const next of [one, get, set]) walk(next, depth + 1)
        }
        walk(Reflect.getPrototypeOf(value), depth + 1)
      }
      export const filter = (pod, node) => {
        go(pod, node).forEach((one) => walk(one, 0))
        return (found.length === 0 && seen.size > 20) || 'found ' + found + ' in ' + seen.size
      }
    `)
    expect(await plugin.filter(pod, nodes)).toEqual([])
  })

  const faulty: [string, string, string, string][] = [
    ['does not parse', 'export function filter( {', 'Invalid', 'plugin mine: SyntaxError'],
    [
      'imports something',
      "import fs from 'node:fs'\nexport const filter = () => fs",
      'Invalid',
      'cannot import node:fs',
    ],
    [
      'imports something later, whose promise and errors would be those of the thread',
      "let code\ntry { await import('node:fs') } catch (e) { code = e.constructor.constructor('return process')() }",
      ...(['Invalid', 'cannot import'] as const),
    ],
    ['exports nothing to call', 'export const weight = 1', 'Invalid', 'exports none of the functions'],
    ['throws', "export const filter = () => { throw new Error('oops') }", 'Failed', 'plugin mine: Error: oops'],
    [
      'throws what has no text',
      'export const filter = () => { throw { toString() { throw 1 } } }',
      'Failed',
      'no text',
    ],
    [
      'throws while its answer is read',
      "export const filter = () => ({ get toJSON() { throw new Error('gotcha') } })",
      ...(['Failed', 'gotcha'] as const),
    ],
    ['answers later', 'export const filter = async () => true', 'Failed', 'plugin mine: filter answered {}'],
    [
      'changes what lists and objects can do',
      'Object.prototype.toJSON = () => 1\nArray.prototype.map = () => 7\nexport const filter = () => true',
      ...(['Invalid', 'exports none of the functions'] as const),
    ],
    [
      'answers for other nodes than it was asked about',
      'Array.prototype.map = () => []\nexport const filter = () => true',
      ...(['Failed', 'did not answer for each of 2 nodes'] as const),
    ],
    [
      'wants memory beside the heap',
      'export const filter = () => String(new ArrayBuffer(2 ** 30).byteLength)',
      ...(['Failed', 'ArrayBuffer is not defined'] as const),
    ],
    ['answers nonsense', 'export const filter = () => 7', 'Failed', 'plugin mine: filter answered 7'],
    [
      'needs too much memory',
      'export const filter = () => { const a = []; for (;;) a.push(new Array(1e5).fill(1)) }',
      'Crashed',
      'plugin mine crashed',
    ],
  ]
  it.each(faulty)('that %s is named', async (_what, text, code, message) => {
    const { plugin, faults } = load(text, 20_000)
    await expect(plugin.filter(pod, nodes)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    expect(faults).toHaveLength(1)
  })

  it('that never ends is ended after its time, and left alone for a while', async () => {
    const { plugin, faults } = load('export const filter = () => { for (;;); }', 300)
    await expect(plugin.filter(pod, nodes)).rejects.toMatchObject({ code: 'TooSlow' })
    await expect(plugin.filter(pod, nodes)).rejects.toMatchObject({ message: expect.stringContaining('passed over') })
    expect(faults.map(({ code }) => code)).toEqual(['TooSlow'])
  })
})

describe("a user's plugin after its answer", () => {
  const lingering: [string, string, string][] = [
    [
      'goes on for ever',
      '// A promise that waits for its successor would be kept, and memory would end first.\nconst go = () => void Promise.resolve().then(go)\nexport const filter = () => { go(); return true }',
      'TooSlow',
    ],
    ['fails', "export const filter = () => { Promise.reject(new Error('later')); return true }", 'Crashed'],
  ]
  it.each(lingering)('that %s is named too', async (_what, text, code) => {
    const { plugin, faults } = load(text, 1000)
    expect(await plugin.filter(pod, nodes)).toEqual([])
    await until('a fault', () => Promise.resolve(faults.length > 0))
    expect(faults.map((fault) => fault.code)).toEqual([code])
  })
})

describe('a folder of plugins', () => {
  it('is followed: what is written is loaded, what changes is swapped, what goes is unloaded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-plugins-'))
    running.defer(() => rmSync(folder, { recursive: true }))
    const limits = { startMs: 20_000, callMs: 5000, memoryMiB: 32 }
    const options = { clock: systemClock, random: seededRandom(1), limits, onFault: () => undefined }
    let changes = 0
    const plugins = new UserPlugins(options, () => changes++)
    running.use(plugins)
    const file = join(folder, 'mine.ts')
    writeFileSync(file, 'export const filter = () => "first"')
    running.use(followPluginFolder({ folder, clock: systemClock, log: silentLog }, plugins))
    const reasonIs = async (reason: string): Promise<boolean> =>
      (await plugins.all()[0]?.filter(pod, nodes))?.[0]?.reasons[0] === reason
    await until('the first text', () => reasonIs('first'))
    writeFileSync(file, 'export const filter = () => "second"')
    await until('the second text', () => reasonIs('second'))
    rmSync(file)
    await until('none', () => Promise.resolve(plugins.all().length === 0))
    expect(changes).toBe(3)
  })
})
