/** Runs the admission plugins over one write. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { AdmissionRequest, Charge } from '../admission/admission.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { writeOptionsObject } from './admission-options.ts'
import { factsOf } from './commit.ts'

/** Undefined when no plugin had to wait for anything: the usual write then takes no turn of the event loop. */
type Done = Promise<void> | undefined

type WaitingPhase = 'mutate' | 'validate'
const spanNames = { mutate: 'apiserver.admission.mutate', validate: 'apiserver.admission.validate' } as const

export interface Admission {
  /** Plugins that may change the object. */
  mutate(object: DynamicObject): Done
  /** Plugins that see the object as it is to be stored and may refuse it. */
  validate(object: DynamicObject): Done
  /** What the write takes of quotas; undefined without waiting when there is nothing to take. */
  charge(object: DynamicObject): Promise<readonly Charge[]> | undefined
}

export interface AdmittedWrite {
  readonly what: AdmissionRequest['operation']
  readonly name: string
  readonly previous: DynamicObject | undefined
  readonly dryRun: boolean
  /** Of a deletion, which carries them in its body; absent: from the query. */
  readonly options?: () => object
}

export function admissionFor(
  parts: ServerParts,
  operation: Operation,
  { what, name, previous, dryRun, options = () => writeOptionsObject(operation) }: AdmittedWrite,
): Admission {
  const { kind, target, user, warn, annotate } = operation
  const { subresource, namespace } = target
  const { signal } = operation.request
  const about = { operation: what, kind, subresource, namespace, name, user, dryRun, warn, options, signal, annotate }
  const facts = factsOf(operation, name)
  const run = (phase: WaitingPhase, object: DynamicObject, runAgain?: () => void): Done => {
    const request: AdmissionRequest = { ...about, object, previous, ...(runAgain === undefined ? {} : { runAgain }) }
    return parts.probe.span(spanNames[phase], facts, () => runFrom(0, phase, request, parts))
  }
  const mutate = (object: DynamicObject): Done => {
    let again = false
    const first = run('mutate', object, () => {
      again = true
    })
    return first?.then(() => (again ? run('mutate', object) : undefined))
  }
  return {
    mutate,
    validate: (object) => run('validate', object),
    charge: (object) => {
      const request = { ...about, object, previous }
      const charges = parts.admission.charge.flatMap((plugin) => plugin.charge?.(request, parts) ?? [])
      return charges.length === 0 ? undefined : allOrNone(charges)
    },
  }
}

async function allOrNone(charges: readonly Promise<Charge | undefined>[]): Promise<readonly Charge[]> {
  const results = await Promise.allSettled(charges)
  const made = results.flatMap((result) => (result.status === 'fulfilled' ? (result.value ?? []) : []))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed === undefined) return made
  for (const charge of made) charge.settle()
  throw failed.reason
}

/** Asks the plugins about a connection into an object; `options` say what kind of connection it is to be. */
export function admitConnect(parts: ServerParts, operation: Operation, options: DynamicObject): Done {
  const { name } = operation.target
  return admissionFor(parts, operation, { what: 'CONNECT', name, previous: undefined, dryRun: false }).validate(options)
}

/** One after the other, waiting only for those that have to wait. */
function runFrom(first: number, phase: WaitingPhase, request: AdmissionRequest, parts: ServerParts): Done {
  const plugins = parts.admission[phase]
  for (let index = first; index < plugins.length; index++) {
    const pending = plugins[index]?.[phase]?.(request, parts)
    if (pending instanceof Promise) return pending.then(() => runFrom(index + 1, phase, request, parts))
  }
  return undefined
}
