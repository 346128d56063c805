/** One thread with one plugin of the user: calls with a time limit, and an end for good when it misbehaves. */
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { PluginSource } from './plugin-source.ts'
import { workerCode } from './worker-code.ts'

export type PluginErrorCode = 'Invalid' | 'TooSlow' | 'Crashed' | 'Failed'

export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly code: PluginErrorCode

  constructor(code: PluginErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

export interface PluginLimits {
  readonly startMs: number
  readonly callMs: number
  readonly memoryMiB: number
}

export const defaultPluginLimits: PluginLimits = { startMs: 5000, callMs: 500, memoryMiB: 64 }

export interface PluginFunctions {
  readonly filter: boolean
  readonly score: boolean
  readonly permit: boolean
  readonly weight: number
}

interface Pending {
  readonly resolve: (text: string) => void
  readonly reject: (error: PluginError) => void
  readonly timer: Disposable
}

interface Message {
  readonly id: number
  readonly text?: string
  readonly error?: string
}

export class PluginThread implements Disposable {
  /** What the plugin offers; rejects when it cannot be loaded. */
  readonly ready: Promise<PluginFunctions>
  private readonly worker: Worker
  private readonly pending = new Map<number, Pending>()
  private readonly clock: Clock
  private readonly name: string
  private readonly limits: PluginLimits
  private readonly onEnd: (error: PluginError) => void
  private calls = 0
  private end: PluginError | undefined
  private isDisposed = false

  /** `onEnd` hears of an end that nobody asked for. */
  constructor(
    { name, text, origin }: PluginSource,
    clock: Clock,
    limits: PluginLimits,
    onEnd: (error: PluginError) => void,
  ) {
    this.onEnd = onEnd
    this.clock = clock
    this.name = name
    this.limits = limits
    this.worker = new Worker(workerCode, {
      eval: true,
      name: `scheduler plugin ${name}`,
      workerData: { name, text, typescript: !/\.m?js$/.test(origin) },
      env: {},
      execArgv: ['--experimental-vm-modules', '--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMiB, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 },
      stdin: false,
      stdout: true,
      stderr: true,
    })
    this.worker.unref()
    this.worker.on('message', (message: Message) => this.settle(message))
    let end = new PluginError('Crashed', `the thread of plugin ${name} ended`)
    this.worker.on('error', (error) => (end = new PluginError('Crashed', `plugin ${name} crashed`, error)))
    // Answers that were given before come before it, which an error overtakes.
    this.worker.on('exit', () => this.close(end))
    this.ready = this.expect(0, limits.startMs).then((answer) => this.functionsFrom(answer))
    // Whoever calls the plugin hears of it; nobody may have called yet.
    this.ready.catch(() => undefined)
  }

  /** Whether the thread can be asked. */
  get isAlive(): boolean {
    return this.end === undefined
  }

  /** One call for all nodes; the answers are in their order. Throws PluginError. */
  async call(
    kind: 'filter' | 'score' | 'permit',
    pod: unknown,
    nodes: readonly unknown[],
  ): Promise<readonly unknown[]> {
    await this.ready
    const id = ++this.calls
    const answer = this.expect(id, this.limits.callMs)
    if (this.end === undefined) this.worker.postMessage({ id, text: JSON.stringify({ kind, pod, nodes }) })
    const answers: unknown = JSON.parse(await answer)
    if (Array.isArray(answers) && answers.length === nodes.length) return answers as readonly unknown[]
    throw new PluginError('Failed', `plugin ${this.name} did not answer for each of ${nodes.length} nodes`)
  }

  async dispose(): Promise<void> {
    this.isDisposed = true
    this.close(new PluginError('Crashed', `plugin ${this.name} was taken away`))
    await this.worker.terminate()
  }

  private expect(id: number, limitMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.end !== undefined) return reject(this.end)
      const timer = this.clock.after(limitMs, () => {
        const doing = id === 0 ? 'to load' : id < 0 ? 'to come to rest' : 'to answer'
        this.close(new PluginError('TooSlow', `plugin ${this.name} took longer than ${limitMs} ms ${doing}`))
        void this.worker.terminate()
      })
      this.pending.set(id, { resolve, reject, timer })
    })
  }

  private settle({ id, text, error }: Message): void {
    const pending = this.pending.get(id)
    this.pending.delete(id)
    void pending?.timer.dispose()
    if (id < 0) return pending?.resolve('')
    if (this.end === undefined && (pending !== undefined || id === 0)) this.expectRest(id)
    if (text !== undefined) pending?.resolve(text)
    else pending?.reject(new PluginError(id === 0 ? 'Invalid' : 'Failed', `plugin ${this.name}: ${error ?? 'failed'}`))
    if (id === 0 && text === undefined) this.close(new PluginError('Invalid', `plugin ${this.name}: ${error ?? ''}`))
  }

  /** Work that goes on after the answer would keep a processor busy for nothing. */
  private expectRest(id: number): void {
    this.expect(-1 - id, this.limits.callMs).catch(() => undefined)
  }

  private functionsFrom(text: string): PluginFunctions {
    const { filter, score, permit, weight } = JSON.parse(text) as Record<string, unknown>
    const functions = { filter: filter === true, score: score === true, permit: permit === true }
    if (!Object.values(functions).includes(true))
      throw this.invalid('exports none of the functions filter, score and permit')
    if (weight !== null && !(Number.isInteger(weight) && Number(weight) >= 1 && Number(weight) <= 1000))
      throw this.invalid('exports a weight that is not a whole number from 1 to 1000')
    return { ...functions, weight: weight === null ? 1 : Number(weight) }
  }

  private invalid(what: string): PluginError {
    const error = new PluginError('Invalid', `plugin ${this.name} ${what}`)
    this.close(error)
    return error
  }

  private close(error: PluginError): void {
    if (this.end === undefined && !this.isDisposed) this.onEnd(error)
    this.end ??= error
    for (const { reject, timer } of this.pending.values()) {
      void timer.dispose()
      reject(error)
    }
    this.pending.clear()
    if (error.code === 'Invalid') void this.worker.terminate()
  }
}
