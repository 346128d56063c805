/** Answers for this node what the API server asks of it: logs, exec, attach, port-forward, and connections to pods. */
import { PassThrough, pipeline, Transform, type Readable } from 'node:stream'
import { notFound, badRequest } from '../api/errors.ts'
import type { ContainerAddress, LogOptions, NodeAgent } from '../apiserver/node-agent.ts'
import type { Clock } from '../lib/clock.ts'
import type { Machine } from '../machines/machine.ts'
import { halfOpen } from './half-open.ts'
import { attemptsOf, note, runningSandbox } from './pod-containers.ts'
import type { RuntimeView } from './runtime-view.ts'
import type { ContainerRuntime, ObservedContainer } from './runtime/runtime.ts'
import type { UsageMeter } from './stats/usage-meter.ts'

export interface NodeAgentOptions {
  readonly runtime: ContainerRuntime
  readonly view: RuntimeView
  readonly clock: Clock
  /** Absent on simulated nodes: these have no ports. */
  readonly machine: Machine | undefined
  readonly meter: UsageMeter
}

export function createNodeAgent({ runtime, view, clock, machine, meter }: NodeAgentOptions): NodeAgent {
  const running = (address: ContainerAddress): ObservedContainer => {
    const found = attemptsOf(view.of(address.uid), address.container)[0]
    if (found?.state === 'running') return found
    throw badRequest(`container ${address.container} of pod ${address.pod} is not running`)
  }
  return {
    async logs(address, options, signal) {
      const { id } = logSource(view, address, options.previous)
      const since = sinceOf(options, clock)
      const log = await runtime.logs(
        id,
        {
          follow: options.follow,
          timestamps: options.timestamps,
          ...(options.tailLines === undefined ? {} : { tailLines: options.tailLines }),
          ...(since === undefined ? {} : { since }),
        },
        signal,
      )
      return options.limitBytes === undefined ? log : firstBytes(log, options.limitBytes)
    },
    exec: async (address, command, streams, signal) => runtime.exec(running(address).id, command, streams, signal),
    attach: async (address, streams, signal) => runtime.attach(running(address).id, streams, signal),
    async portForward({ uid, pod }, port) {
      const address = runningSandbox(view.of(uid))?.notes[note.address]
      if (address === undefined) throw badRequest(`pod ${pod} is not running`)
      if (machine === undefined) throw badRequest(`pod ${pod} is simulated: it has no ports`)
      return halfOpen(await machine.openTcp(address, port))
    },
    async dial(host, port) {
      if (machine === undefined) throw badRequest('the node is simulated: nothing listens behind its addresses')
      return machine.openTcp(host, port)
    },
    usage: () => meter.read(),
  }
}

function logSource(view: RuntimeView, address: ContainerAddress, previous: boolean): ObservedContainer {
  const [latest, before] = attemptsOf(view.of(address.uid), address.container)
  const found = previous ? before : latest
  if (found !== undefined && found.state !== 'created') return found
  // What follows is what kubectl shows, in the words that its users know.
  if (previous)
    throw badRequest(`previous terminated container "${address.container}" in pod "${address.pod}" not found`)
  if (found === undefined && !view.podUids().includes(address.uid))
    throw notFound({ group: '', plural: 'pods' }, address.pod)
  throw badRequest(`container "${address.container}" in pod "${address.pod}" is waiting to start: ContainerCreating`)
}

function sinceOf({ sinceSeconds, sinceTime }: LogOptions, clock: Clock): number | undefined {
  if (sinceSeconds !== undefined) return clock.now() - sinceSeconds * 1000
  if (sinceTime === undefined) return undefined
  const time = Date.parse(sinceTime)
  if (Number.isNaN(time)) throw badRequest(`${sinceTime} is not a time`)
  return time
}

/** The first bytes of a stream, which is closed after them. */
function firstBytes(source: Readable, limitBytes: number): Readable {
  let left = limitBytes
  const cut = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(0, left)
      left -= part.length
      this.push(part)
      if (left <= 0) {
        this.push(null)
        source.destroy()
      }
      done()
    },
  })
  const out = new PassThrough()
  source.on('error', () => cut.end())
  source.pipe(cut)
  return pipeline(cut, out, () => undefined)
}
