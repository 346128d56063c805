/** What holds the control loops: the glass's hold, single steps and breakpoints. */
import type { Clock } from '../lib/clock.ts'
import type { Facts } from './probe.ts'

export type ClockMode = 'Run' | 'Hold'

/** Holds what comes to this gate also while all else runs; absent fields match everything. */
export interface GateBreakpoint {
  readonly gate: string
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
}

export interface HeldStep {
  /** Never used again. */
  readonly id: string
  readonly component: string
  readonly gate: string
  readonly facts: Facts
  readonly sinceUnixMs: number
}

interface Waiting extends HeldStep {
  open(): void
}

/** The gates of the control loops, which a hold shuts. All others are shut by a breakpoint alone. */
const loopGates: ReadonlySet<string> = new Set([
  'reconcile',
  'schedule',
  'kubelet.start-sandbox',
  'kubelet.start-container',
  'kubelet.kill-container',
  'kubelet.stop-sandbox',
  'kubelet.remove',
  'proxy.sync',
  'dns.addresses',
])
/** Every name that a breakpoint may give. */
export const gateNames: readonly string[] = [...loopGates, 'apiserver.commit']

/** They keep workers and nodes alive: held, they would let every node be taken for dead, or no worker come up. */
const freeControllers: ReadonlySet<unknown> = new Set(['lab', 'machine', 'node-ipam', 'node-lifecycle'])
const freeKinds: ReadonlySet<unknown> = new Set(['Lease', 'Node', 'Lab', 'Machine'])

export class Gates {
  private readonly clock: Clock
  private readonly waiting = new Map<string, Waiting>()
  private current: { readonly mode: ClockMode; readonly breakpoints: readonly GateBreakpoint[] } = runFreely
  private lastId = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  get mode(): ClockMode {
    return this.current.mode
  }

  get breakpoints(): readonly GateBreakpoint[] {
    return this.current.breakpoints
  }

  /** What is held now, the longest first. */
  get held(): readonly HeldStep[] {
    return [...this.waiting.values()]
  }

  /** Resolves when the step may go on; undefined when nothing holds it. */
  pass(component: string, gate: string, facts: Facts, signal?: AbortSignal): Promise<void> | undefined {
    if (this.current === runFreely || !this.holds(gate, facts) || signal?.aborted === true) return undefined
    const id = String(++this.lastId)
    return new Promise((resolve) => {
      const open = (): void => {
        if (!this.waiting.delete(id)) return
        signal?.removeEventListener('abort', open)
        resolve()
      }
      signal?.addEventListener('abort', open)
      this.waiting.set(id, { id, component, gate, facts, sinceUnixMs: this.clock.now(), open })
    })
  }

  /** Lets go of whatever the new rules do not hold. */
  set(mode: ClockMode, breakpoints: readonly GateBreakpoint[]): void {
    this.current = mode === 'Run' && breakpoints.length === 0 ? runFreely : { mode, breakpoints }
    for (const { gate, facts, open } of [...this.waiting.values()]) if (!this.holds(gate, facts)) open()
  }

  /** Lets exactly one held step through; false when none has this id (any more). */
  step(id: string): boolean {
    const found = this.waiting.get(id)
    found?.open()
    return found !== undefined
  }

  private holds(gate: string, facts: Facts): boolean {
    if (isFree(gate, facts)) return false
    const { mode, breakpoints } = this.current
    return (mode === 'Hold' && loopGates.has(gate)) || breakpoints.some((one) => matches(one, gate, facts))
  }
}

const runFreely = { mode: 'Run', breakpoints: [] } as const

function isFree(gate: string, facts: Facts): boolean {
  if (gate === 'reconcile') return freeControllers.has(facts['controller'])
  return gate === 'apiserver.commit' && freeKinds.has(facts['k8s.object.kind'])
}

function matches({ gate, kind, namespace, name }: GateBreakpoint, at: string, facts: Facts): boolean {
  return (
    gate === at &&
    [
      [kind, facts['k8s.object.kind']],
      [namespace, facts['k8s.namespace.name']],
      [name, facts['k8s.object.name']],
    ].every(([wanted, found]) => wanted === undefined || wanted === '' || wanted === found)
  )
}
