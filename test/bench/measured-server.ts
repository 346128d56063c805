/** Starts the server that is measured, in a process of its own, and asks how it fares. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** How to reach the server, as whom. PEM. */
export interface Connection {
  readonly url: string
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

export interface ProcessFigures {
  readonly residentBytes: number
  readonly heapBytes: number
  readonly externalBytes: number
  /** The most since the last reset. */
  readonly peakResidentBytes: number
  /** User and system time of all threads. */
  readonly cpuMs: number
  /** The longest that the event loop was held since the last reset. */
  readonly longestStallMs: number
  /** The longest that the garbage collector stopped the program since the last reset. */
  readonly longestPauseMs: number
}

export interface MeasuredServer {
  readonly pid: number
  readonly connection: Connection
  /** From opening the store file until it is open, and until requests are served; without the start of the process. */
  readonly openedMs: number
  readonly readyMs: number
  figures(): Promise<ProcessFigures>
  /** Peaks count from here on. */
  reset(): Promise<void>
  /** Collects garbage, so that memory shows what is kept. */
  collect(): Promise<void>
  /** Runs something while nothing here measures the event loop, which costs CPU itself. */
  quietly<T>(work: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** `folder` holds the store file and the certificates. */
export async function startMeasuredServer(folder: string): Promise<MeasuredServer> {
  const profile = process.env['BENCH_PROFILE']
  const child = fork(join(import.meta.dirname, 'served-process.ts'), [folder], {
    execArgv: ['--expose-gc', ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])],
  })
  const exited = once(child, 'exit')
  const answer = async (): Promise<unknown> => {
    const given = await Promise.race([once(child, 'message'), exited.then(() => undefined)])
    if (given === undefined) throw new Error('the measured server has ended')
    return given[0]
  }
  const ask = (question: string): Promise<unknown> => {
    const answered = answer()
    child.send(question)
    return answered
  }
  const started = (await answer()) as Pick<MeasuredServer, 'connection' | 'openedMs' | 'readyMs'>
  return {
    pid: child.pid ?? -1,
    ...started,
    figures: () => ask('figures') as Promise<ProcessFigures>,
    reset: async () => void (await ask('reset')),
    collect: async () => void (await ask('collect')),
    async quietly(work) {
      await ask('quiet')
      const result = await work()
      await ask('loud')
      return result
    },
    async stop() {
      child.send('stop')
      await exited
    },
  }
}
