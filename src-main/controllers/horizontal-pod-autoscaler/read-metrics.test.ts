import { describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds/index.ts'
import { notFound } from '../../api/errors.ts'
import type { MetricSpec } from '../../api/types/autoscaling-v2.ts'
import type { ApiRequest, Client } from '../../client/client.ts'
import { readMetric } from './read-metrics.ts'

const metric = { name: 'queue', selector: { matchLabels: { of: 'a' } } }
const target = { type: 'Value', value: '1' }
const groupOf = (...versions: string[]) => ({ versions: versions.map((version) => ({ version })) })

/** Answers by path and query; what is not there is not found. */
function reading(answers: Record<string, object>, spec: MetricSpec) {
  const raw = ({ path, query = {} }: ApiRequest): Promise<unknown> => {
    const words = new URLSearchParams(query).toString()
    const answer = answers[words === '' ? path : `${path}?${words}`]
    return answer === undefined
      ? Promise.reject(notFound({ group: '', plural: 'things' }, path))
      : Promise.resolve(answer)
  }
  const client = { raw } as unknown as Client
  return readMetric({ client, namespace: 'default', podSelector: 'app=web', servedKinds: () => kinds }, spec)
}

const custom = '/apis/custom.metrics.k8s.io'
const external = '/apis/external.metrics.k8s.io'
const onObject = (apiVersion: string, kind: string): MetricSpec => ({
  type: 'Object',
  object: { metric: { name: 'queue' }, describedObject: { apiVersion, kind, name: 'main' }, target },
})

describe('the metrics that others serve', () => {
  it('of pods are asked for by the selectors of both', async () => {
    const path = `${custom}/v1beta2/namespaces/default/pods/*/queue?labelSelector=app%3Dweb&metricLabelSelector=of%3Da`
    const items = [
      { describedObject: { name: 'p0' }, timestamp: '2026-01-01T00:00:00Z', windowSeconds: 30, value: '1500m' },
    ]
    const answers = { [custom]: groupOf('v1beta1', 'v1beta2'), [path]: { items } }
    const found = await reading(answers, { type: 'Pods', pods: { metric, target } })
    const usage = { atMs: Date.parse('2026-01-01T00:00:00Z'), windowMs: 30_000, milli: 1500 }
    expect(found).toEqual({ type: 'pods', usages: new Map([['p0', usage]]) })
  })

  it.each([
    ['networking.k8s.io/v1', 'Ingress', 'namespaces/default/ingresses.networking.k8s.io/main/queue'],
    ['v1', 'Service', 'namespaces/default/services/main/queue'],
    ['v1', 'Node', 'nodes/main/queue'],
    ['v1', 'Namespace', 'namespaces/main/metrics/queue'],
  ])('of an object are asked for where the object is: %s %s', async (apiVersion, kind, path) => {
    const answers = { [custom]: groupOf('v1beta1'), [`${custom}/v1beta1/${path}`]: { items: [{ value: '7' }] } }
    expect(await reading(answers, onObject(apiVersion, kind))).toEqual({ type: 'amount', milli: 7000 })
  })

  it('from outside are added up', async () => {
    const path = `${external}/v1beta1/namespaces/default/queue?labelSelector=of%3Da`
    const answers = { [external]: groupOf('v1beta1'), [path]: { items: [{ value: '2' }, { value: '500m' }] } }
    expect(await reading(answers, { type: 'External', external: { metric, target } })).toEqual({
      type: 'amount',
      milli: 2500,
    })
  })

  const unread = 'unable to fetch metrics from'
  const where = 'default/queue/nil'
  it.each<[string, Record<string, object>, MetricSpec, string]>([
    [
      'of pods without an adapter',
      {},
      { type: 'Pods', pods: { metric: { name: 'queue' }, target } },
      `unable to get metric queue: ${unread} custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered`,
    ],
    [
      'of an object of an unknown kind',
      { [custom]: groupOf('v1beta2') },
      onObject('example.com/v1', 'Thing'),
      `unable to get metric queue: Thing on default main/${unread} custom metrics API: no matches for kind "Thing" in group "example.com"`,
    ],
    [
      'from outside without an adapter',
      {},
      { type: 'External', external: { metric: { name: 'queue' }, target } },
      `unable to get external metric ${where}: ${unread} external metrics API: no external metrics API (external.metrics.k8s.io) registered`,
    ],
    [
      'from outside that nobody measures',
      { [external]: groupOf('v1beta1'), [`${external}/v1beta1/namespaces/default/queue`]: { items: [] } },
      { type: 'External', external: { metric: { name: 'queue' }, target } },
      `unable to get external metric ${where}: ${unread} external metrics API: no metrics returned from external metrics API`,
    ],
  ])('%s are told to be missing', async (_what, answers, spec, message) => {
    expect(await reading(answers, spec)).toEqual({ type: 'failure', message })
  })

  it('are none of those that the kubelets measure', async () => {
    expect(await reading({}, { type: 'Resource', resource: { name: 'cpu', target } })).toBeUndefined()
  })
})
