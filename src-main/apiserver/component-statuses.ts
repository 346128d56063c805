/** The `componentstatuses` of Kubernetes: whether the store takes writes, under the name that its users know. */
import { kindByResource } from '../api/kinds/index.ts'
import type { DynamicObject } from '../api/meta/object.ts'
import type { ComponentStatus } from '../api/types/core-v1.ts'
import type { VirtualResource } from './operation.ts'
import type { WriteHealth } from './write-health.ts'

const storeName = 'etcd-0'

export function componentStatuses(health: WriteHealth): VirtualResource {
  const kind = kindByResource('', 'v1', 'componentstatuses')
  if (kind === undefined) throw new Error('the schema data has no componentstatuses')
  const store = (): DynamicObject => ({ ...storeStatus(health.refusal) })
  return {
    kind,
    get: (_namespace, name) => Promise.resolve(name === storeName ? store() : undefined),
    list: () => Promise.resolve([store()]),
  }
}

const storeStatus = (refusal: string | undefined): ComponentStatus => ({
  apiVersion: 'v1',
  kind: 'ComponentStatus',
  metadata: { name: storeName },
  conditions: [
    refusal === undefined
      ? { type: 'Healthy', status: 'True', message: 'ok' }
      : { type: 'Healthy', status: 'False', message: refusal, error: 'the store refuses writes' },
  ],
})
