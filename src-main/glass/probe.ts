/** Seeing inside: what every component is given to say what it does, and where it may be held. */

export type FactValue = string | number | boolean | undefined
export type Facts = Readonly<Record<string, FactValue>>

/**
 * Facts with these names tie a span to objects and to the timeline of an object (names follow OpenTelemetry where it
 * has one): `k8s.object.kind`, `k8s.namespace.name`, `k8s.object.name`, `k8s.object.uid`, `k8s.node.name`.
 */
export interface Probe {
  /** Records one step: its name, facts, start, end and failure. `addFacts` adds what is known only later. */
  span<T>(name: string, facts: Facts, run: (addFacts: (more: Facts) => void) => T): T
  /**
   * A place where the caller may be held; undefined when nothing holds it, which is the usual case. `signal` ends the
   * wait too: the caller looks at it afterwards.
   */
  gate(name: string, facts: Facts, signal?: AbortSignal): Promise<void> | undefined
}

/** Records nothing and holds nobody. */
export const silentProbe: Probe = {
  span: (_name, _facts, run) => run(() => undefined),
  gate: () => undefined,
}
