/** The `clocks` resource: the state of the gates, read and written as an object. */
import { clockName } from '../api/kinds/glass/clock.ts'
import { invalid, notSupported, type FieldError } from '../api/field-error.ts'
import type { Clock } from '../api/types/glass-v1.ts'
import { microTimestamp } from '../lib/clock.ts'
import { gateNames, type Gates, type HeldStep } from './gates.ts'

export function readClock(gates: Gates): Clock {
  return {
    apiVersion: 'glass.orrery.dev/v1',
    kind: 'Clock',
    metadata: { name: clockName },
    spec: { mode: gates.mode, breakpoints: gates.breakpoints.map((one) => ({ ...one })) },
    status: { held: gates.held.map(heldStep) },
  }
}

/** Sets the gates to what the object says, or says what is wrong with it and changes nothing. */
export function writeClock(gates: Gates, { spec }: Clock): FieldError[] {
  const breakpoints = spec?.breakpoints ?? []
  const unknown = breakpoints.flatMap(({ gate }, index) =>
    gateNames.includes(gate) ? [] : [notSupported(`spec.breakpoints[${index}].gate`, gate, gateNames)],
  )
  if (unknown.length > 0) return unknown
  const step = spec?.step ?? ''
  if (step !== '' && !gates.step(step)) return [invalid('spec.step', step, 'no step with this id is held')]
  gates.set(spec?.mode === 'Hold' ? 'Hold' : 'Run', breakpoints)
  return []
}

function heldStep({ id, component, gate, facts, sinceUnixMs }: HeldStep) {
  const known = Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
  const { 'k8s.object.kind': kind, 'k8s.namespace.name': namespace, 'k8s.object.name': name } = facts
  return {
    ...{ id, component, gate, since: microTimestamp(sinceUnixMs), facts: Object.fromEntries(known) },
    ...(kind === undefined ? {} : { kind: String(kind) }),
    ...(namespace === undefined || namespace === '' ? {} : { namespace: String(namespace) }),
    ...(name === undefined ? {} : { name: String(name) }),
  }
}
