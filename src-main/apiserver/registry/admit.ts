/** Runs the admission plugins over one write. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { factsOf } from './commit.ts'

export interface Admission {
  /** Plugins that may change the object. */
  mutate(object: DynamicObject): void
  /** Plugins that see the object as it is to be stored and may refuse it. */
  validate(object: DynamicObject): void
}

export function admissionFor(
  parts: ServerParts,
  operation: Operation,
  what: AdmissionRequest['operation'],
  name: string,
  previous: DynamicObject | undefined,
): Admission {
  const { kind, target, user } = operation
  const about = { operation: what, kind, subresource: target.subresource, namespace: target.namespace, name, user }
  const run = (phase: 'mutate' | 'validate', object: DynamicObject): void => {
    const plugins = parts.admission.filter((plugin) => plugin[phase] !== undefined)
    parts.probe.span(`apiserver.admission.${phase}`, factsOf(operation, name), () => {
      for (const plugin of plugins) plugin[phase]?.({ ...about, object, previous }, parts)
    })
  }
  return { mutate: (object) => run('mutate', object), validate: (object) => run('validate', object) }
}
