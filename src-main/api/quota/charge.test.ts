import { describe, expect, it } from 'vitest'
import type { Pod, ResourceQuota, Service } from '../types/core-v1.ts'
import { chargeQuotas, type ChargedWrite } from './charge.ts'
import { podEvaluator } from './pod-evaluator.ts'
import { serviceEvaluator } from './service-evaluator.ts'

const nowUnixMs = Date.UTC(2026, 0, 1)
const aQuota = (
  name: string,
  hard: Record<string, string>,
  used: Record<string, string> = {},
  spec: ResourceQuota['spec'] = {},
): ResourceQuota => ({ metadata: { name }, spec, status: { hard, used } })
const aPod = (requests: Record<string, string> = {}): Pod => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', resources: { requests } }] },
})
const podWrite = (pod: Pod, previous?: Pod): ChargedWrite => ({
  evaluator: podEvaluator,
  object: { ...pod },
  previous: previous === undefined ? undefined : { ...previous },
  nowUnixMs,
})
const verdict = (quotas: ResourceQuota[], write: ChargedWrite) => {
  const result = chargeQuotas(quotas, write)
  return 'refusal' in result
    ? result.refusal
    : result.charged.map(({ metadata, status }) => [metadata?.name, status?.used])
}

describe('quotas charge a write', () => {
  it.each<[string, ResourceQuota[], ChargedWrite, unknown]>([
    ['that none of them counts', [aQuota('q', { services: '1' })], podWrite(aPod()), []],
    ['that is in no scope', [aQuota('q', { pods: '1' }, {}, { scopes: ['Terminating'] })], podWrite(aPod()), []],
    ['with room for it', [aQuota('q', { pods: '2' }, { pods: '1' })], podWrite(aPod()), [['q', { pods: '2' }]]],
    [
      'without room for it',
      [aQuota('q', { pods: '1', 'requests.cpu': '2' }, { pods: '1', 'requests.cpu': '0' })],
      podWrite(aPod({ cpu: '1' })),
      'exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    ],
    [
      'of which they do not know what is used, with all that they count of it',
      [aQuota('q', { pods: '1', 'count/pods': '3', services: '1' }, { pods: '0' })],
      podWrite(aPod()),
      'status unknown for quota: q, resources: count/pods,pods',
    ],
    [
      'that fails to say what they limit, before any is exceeded',
      [aQuota('full', { pods: '1' }, { pods: '1' }), aQuota('strict', { 'limits.cpu': '1' }, { 'limits.cpu': '0' })],
      podWrite(aPod()),
      'failed quota: strict: must specify limits.cpu for: c',
    ],
    [
      'that grows by what it grows',
      [aQuota('q', { 'requests.cpu': '3' }, { 'requests.cpu': '2' })],
      podWrite(aPod({ cpu: '2' }), aPod({ cpu: '1' })),
      [['q', { 'requests.cpu': '3' }]],
    ],
    [
      'that shrinks by nothing, before it is counted anew',
      [aQuota('q', { 'requests.cpu': '1' }, { 'requests.cpu': '2' })],
      podWrite(aPod({ cpu: '1' }), aPod({ cpu: '2' })),
      [],
    ],
  ])('%s', (_case, quotas, write, expected) => {
    expect(verdict(quotas, write)).toEqual(expected)
  })

  it('in part, where a part grows', () => {
    const service = (type: string, ports: number): Service => ({
      spec: { type, ports: Array.from({ length: ports }, (_, index) => ({ port: 80 + index })) },
    })
    const quota = aQuota(
      'q',
      { 'services.nodeports': '9', 'services.loadbalancers': '1' },
      {
        ...{ 'services.nodeports': '3', 'services.loadbalancers': '0' },
      },
    )
    const write: ChargedWrite = {
      ...{ evaluator: serviceEvaluator, object: { ...service('LoadBalancer', 1) }, nowUnixMs },
      previous: { ...service('NodePort', 3) },
    }
    expect(verdict([quota], write)).toEqual([['q', { 'services.nodeports': '3', 'services.loadbalancers': '1' }]])
  })
})
