/** A Probe that keeps the newest spans, bounded, and finds those of one object: the memory behind a timeline. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/log.ts'
import { Gates } from './gates.ts'
import type { Facts, Probe } from './probe.ts'

export interface RecordedSpan {
  readonly name: string
  readonly component: string
  /** Unix milliseconds, with fractions. */
  readonly startMs: number
  readonly durationMs: number
  readonly facts: Facts
  readonly error: string | undefined
}

export interface ObjectName {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** A span that is under way: what is known of it so far. */
interface OpenSpan {
  facts: Facts
}

/** Facts that a span hands down to the spans inside it, so that a commit is known to be a pod's. */
const inherited = ['k8s.object.kind', 'k8s.namespace.name', 'k8s.object.name'] as const

export class Recorder {
  /** What stops the components that have a probe of this recorder. */
  readonly gates: Gates
  private readonly spans: (RecordedSpan | undefined)[]
  /** Made when somebody looks, and void with the next span: who records pays nothing for it. */
  private byObject: ReadonlyMap<string, readonly RecordedSpan[]> | undefined
  private readonly enclosing = new AsyncLocalStorage<OpenSpan>()
  private readonly clock: Clock
  private next = 0

  constructor(clock: Clock, capacity = 20_000) {
    this.clock = clock
    this.gates = new Gates(clock)
    this.spans = new Array<RecordedSpan | undefined>(capacity)
  }

  /** The probe of one component. */
  probe(component: string): Probe {
    return {
      span: (name, facts, run) => this.span(component, name, facts, run),
      gate: (name, facts, signal) => this.gates.pass(component, name, facts, signal),
    }
  }

  /** The spans of an object, oldest first. */
  of(object: ObjectName): readonly RecordedSpan[] {
    const found = this.index().get(objectKey(object.kind, object.namespace, object.name)) ?? []
    return [...found].sort((a, b) => a.startMs - b.startMs)
  }

  /** The objects of a kind that have spans, for a list. */
  objects(kind: string, namespace?: string): readonly ObjectName[] {
    const prefix = `${kind}/${namespace === undefined ? '' : `${namespace}/`}`
    return [...this.index().keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => {
        const [, space = '', name = ''] = key.split('/')
        return { kind, namespace: space, name }
      })
  }

  private span<T>(component: string, name: string, given: Facts, run: (addFacts: (more: Facts) => void) => T): T {
    const outer = this.enclosing.getStore()
    const open: OpenSpan = {
      facts: outer === undefined || isTied(given) ? given : { ...handDown(outer.facts), ...given },
    }
    const startMs = this.clock.now()
    const startMark = this.clock.monotonic()
    const finish = (error: string | undefined): void =>
      this.record({
        name,
        component,
        startMs,
        durationMs: this.clock.monotonic() - startMark,
        facts: open.facts,
        error,
      })
    const addFacts = (more: Facts): void => {
      open.facts = { ...open.facts, ...more }
    }
    try {
      const result = this.enclosing.run(open, run, addFacts)
      if (!(result instanceof Promise)) {
        finish(undefined)
        return result
      }
      const finished: Promise<unknown> = result.then(
        (value: unknown) => {
          finish(undefined)
          return value
        },
        (error: unknown) => {
          finish(describeError(error))
          throw error
        },
      )
      return finished as T
    } catch (error) {
      finish(describeError(error))
      throw error
    }
  }

  private record(span: RecordedSpan): void {
    this.spans[this.next] = span
    this.next = (this.next + 1) % this.spans.length
    this.byObject = undefined
  }

  private index(): ReadonlyMap<string, readonly RecordedSpan[]> {
    if (this.byObject !== undefined) return this.byObject
    const index = new Map<string, RecordedSpan[]>()
    for (const span of this.spans) {
      const key = span === undefined ? undefined : keyOfSpan(span)
      if (span === undefined || key === undefined) continue
      const known = index.get(key)
      if (known === undefined) index.set(key, [span])
      else known.push(span)
    }
    this.byObject = index
    return index
  }
}

const objectKey = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`

function keyOfSpan({ facts }: RecordedSpan): string | undefined {
  const kind = facts['k8s.object.kind']
  const name = facts['k8s.object.name']
  if (kind === undefined || name === undefined || name === '') return undefined
  return objectKey(String(kind), String(facts['k8s.namespace.name'] ?? ''), String(name))
}

/** Says itself which object it is about. */
const isTied = (facts: Facts): boolean =>
  facts['k8s.object.kind'] !== undefined &&
  facts['k8s.namespace.name'] !== undefined &&
  facts['k8s.object.name'] !== undefined

function handDown(facts: Facts): Facts {
  const kept: Record<string, Facts[string]> = {}
  for (const name of inherited) if (facts[name] !== undefined) kept[name] = facts[name]
  return kept
}
