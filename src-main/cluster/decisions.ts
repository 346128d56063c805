/** The `decisions` resource: why the scheduler put each pod where it is. */
import { decision } from '../api/kinds/glass/decision.ts'
import type { DynamicObject } from '../api/meta/object.ts'
import type { VirtualResource } from '../apiserver/operation.ts'
import type { DecisionLog, RecordedDecision } from '../scheduler/decision-log.ts'
import { decisionObject } from '../scheduler/decision-object.ts'

export function decisions(log: DecisionLog): VirtualResource {
  const asObject = (record: RecordedDecision): DynamicObject => ({ ...decisionObject(record) })
  return {
    kind: decision,
    get: (namespace, name) => {
      const found = log.of(namespace, name)
      return Promise.resolve(found === undefined ? undefined : asObject(found))
    },
    list: (namespace) => Promise.resolve(log.all(namespace).map(asObject)),
  }
}
