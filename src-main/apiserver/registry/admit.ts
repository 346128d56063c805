/** Runs the admission plugins over one write. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { GroupVersionKind } from '../../api/schema/schema.ts'
import { byPhase, type AdmissionRequest, type Charge } from '../admission/admission.ts'
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
  /** Whether a webhook or policy has changed the object in `mutate`. */
  altered(): boolean
  /** Plugins that see the object as it is to be stored and may refuse it. */
  validate(object: DynamicObject): Done
  /** What the write takes of quotas; undefined without waiting when there is nothing to take. */
  charge(object: DynamicObject): Promise<readonly Charge[]> | undefined
}

export interface AdmittedWrite {
  readonly what: AdmissionRequest['operation']
  readonly name: string
  readonly previous: DynamicObject | undefined
  /** Of a subresource whose objects are of another kind than those of its resource. */
  readonly objectKind?: GroupVersionKind
  readonly dryRun: boolean
  /** Of a deletion, which carries them in its body; absent: from the query. */
  readonly options?: () => object
}

export function admissionFor(
  parts: ServerParts,
  operation: Operation,
  { what, name, previous, objectKind, dryRun, options = () => writeOptionsObject(operation) }: AdmittedWrite,
): Admission {
  const { kind, target, user, warn, annotate } = operation
  const { subresource, namespace } = target
  const { signal } = operation.request
  let altered = false
  const about = {
    ...{ operation: what, kind, subresource, namespace, name, user, dryRun, warn, signal, annotate },
    ...(objectKind === undefined ? {} : { objectKind }),
    // A connection has none: what it is to be is its object.
    ...(what === 'CONNECT' ? {} : { options }),
    altered: () => {
      altered = true
    },
  }
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
    altered: () => altered,
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

/**
 * Asks the plugins about a connection into an object; `options` say what kind of connection it is to be, and may be
 * changed by them.
 */
export async function admitConnect(parts: ServerParts, operation: Operation, options: DynamicObject): Promise<void> {
  const { name } = operation.target
  const objectKind = { group: '', version: 'v1', kind: options.kind ?? '' }
  const write = { what: 'CONNECT', name, previous: undefined, objectKind, dryRun: false } as const
  const admission = admissionFor(parts, operation, write)
  await admission.mutate(options)
  await admission.validate(options)
}

/** What is created and never stored: the Binding of a pod, a TokenRequest, a review. The plugins may change it. */
export async function admitCreation(
  parts: ServerParts,
  operation: Operation,
  object: DynamicObject,
  { dryRun, objectKind }: Pick<AdmittedWrite, 'dryRun' | 'objectKind'>,
): Promise<void> {
  const { name } = operation.target
  const kinds = objectKind === undefined ? {} : { objectKind }
  const admission = admissionFor(parts, operation, { what: 'CREATE', name, previous: undefined, dryRun, ...kinds })
  await admission.mutate(object)
  await admission.validate(object)
}

const nobody = byPhase([])

/** For what follows from a request that was admitted already. */
export const unasked = (parts: ServerParts): ServerParts => ({ ...parts, admission: nobody })

/** One after the other, waiting only for those that have to wait. */
function runFrom(first: number, phase: WaitingPhase, request: AdmissionRequest, parts: ServerParts): Done {
  const plugins = parts.admission[phase]
  for (let index = first; index < plugins.length; index++) {
    const pending = plugins[index]?.[phase]?.(request, parts)
    if (pending instanceof Promise) return pending.then(() => runFrom(index + 1, phase, request, parts))
  }
  return undefined
}
