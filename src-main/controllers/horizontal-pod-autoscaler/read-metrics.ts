/** Reads the metrics of an autoscaler that others serve: custom.metrics.k8s.io and external.metrics.k8s.io. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { milliValue, parseQuantity } from '../../api/meta/quantity.ts'
import type { MetricIdentifier, MetricSpec } from '../../api/types/autoscaling-v2.ts'
import type { Client } from '../../client/client.ts'
import { describeError } from '../../lib/log.ts'
import { selectorWords, type Reading } from './custom-metrics.ts'
import type { PodUsage } from './pod-groups.ts'

export interface MetricsPlace {
  readonly client: Client
  readonly namespace: string
  /** The selector of the target's pods, as a query. */
  readonly podSelector: string
  readonly servedKinds: () => readonly Kind[]
}

interface Item {
  readonly describedObject?: { readonly name?: string }
  readonly timestamp?: string
  readonly windowSeconds?: number
  readonly value?: string
}

const customGroup = 'custom.metrics.k8s.io'
const externalGroup = 'external.metrics.k8s.io'

/** Undefined for metrics that are measured by the kubelets. */
export async function readMetric(place: MetricsPlace, spec: MetricSpec): Promise<Reading | undefined> {
  const { namespace } = place
  if (spec.type === 'Pods' && spec.pods !== undefined) {
    const { metric } = spec.pods
    const read = async (): Promise<Reading> => ({ type: 'pods', usages: usagesOf(await podItems(place, metric)) })
    return orFailure(
      read,
      (why) => `unable to get metric ${metric.name}: unable to fetch metrics from custom metrics API: ${why}`,
    )
  }
  if (spec.type === 'Object' && spec.object !== undefined) {
    const { metric, describedObject } = spec.object
    const on = `${describedObject.kind} on ${namespace} ${describedObject.name}`
    const read = async (): Promise<Reading> => ({ type: 'amount', milli: sumOf(await objectItems(place, spec.object)) })
    return orFailure(
      read,
      (why) => `unable to get metric ${metric.name}: ${on}/unable to fetch metrics from custom metrics API: ${why}`,
    )
  }
  if (spec.type === 'External' && spec.external !== undefined) {
    const { metric } = spec.external
    const read = async (): Promise<Reading> => ({ type: 'amount', milli: sumOf(await externalItems(place, metric)) })
    const what = `${namespace}/${metric.name}/${selectorWords(metric.selector)}`
    return orFailure(
      read,
      (why) => `unable to get external metric ${what}: unable to fetch metrics from external metrics API: ${why}`,
    )
  }
  return undefined
}

/** Whatever keeps a metric from being read stands in a condition: the others are read all the same. */
async function orFailure(read: () => Promise<Reading>, words: (why: string) => string): Promise<Reading> {
  try {
    return await read()
  } catch (error) {
    return { type: 'failure', message: words(describeError(error)) }
  }
}

const sumOf = (items: readonly Item[]): number =>
  items.reduce((sum, { value = '0' }) => sum + milliValue(parseQuantity(value)), 0)

function usagesOf(items: readonly Item[]): Map<string, PodUsage> {
  return new Map(
    items.map(({ describedObject, timestamp = '', windowSeconds = 60, value = '0' }) => [
      describedObject?.name ?? '',
      { atMs: Date.parse(timestamp), windowMs: windowSeconds * 1000, milli: milliValue(parseQuantity(value)) },
    ]),
  )
}

const metricSelector = ({ selector }: MetricIdentifier): string =>
  selector === undefined ? '' : labelSelectorFrom(selector).toString()

async function podItems(place: MetricsPlace, metric: MetricIdentifier): Promise<readonly Item[]> {
  const root = await customRoot(place)
  return itemsAt(place, `${root}/namespaces/${place.namespace}/pods/*/${metric.name}`, {
    labelSelector: place.podSelector,
    metricLabelSelector: metricSelector(metric),
  })
}

async function objectItems(place: MetricsPlace, source: MetricSpec['object']): Promise<readonly Item[]> {
  const { describedObject, metric = { name: '' } } = source ?? {}
  const root = await customRoot(place)
  const { apiVersion = 'v1', kind = '', name = '' } = describedObject ?? {}
  const path =
    kind === 'Namespace' && apiVersion === 'v1'
      ? `${root}/namespaces/${name}/metrics/${metric.name}`
      : `${root}/${resourceOf(place, apiVersion, kind)}/${name}/${metric.name}`
  const items = await itemsAt(place, path, { metricLabelSelector: metricSelector(metric) })
  if (items.length === 0) throw new Error('the metrics API returned no value')
  return items.slice(0, 1)
}

/** `namespaces/default/ingresses.networking.k8s.io`, or without the namespace for a kind of the whole cluster. */
function resourceOf({ servedKinds, namespace }: MetricsPlace, apiVersion: string, name: string): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const kind = servedKinds().find((one) => one.group === group && one.kind === name)
  if (kind === undefined)
    throw new Error(`no matches for kind ${JSON.stringify(name)} in group ${JSON.stringify(group)}`)
  const resource = group === '' ? kind.plural : `${kind.plural}.${group}`
  return kind.namespaced ? `namespaces/${namespace}/${resource}` : resource
}

async function externalItems(place: MetricsPlace, metric: MetricIdentifier): Promise<readonly Item[]> {
  if ((await versionsOf(place.client, externalGroup)).length === 0)
    throw new Error(`no external metrics API (${externalGroup}) registered`)
  const path = `/apis/${externalGroup}/v1beta1/namespaces/${place.namespace}/${metric.name}`
  const items = await itemsAt(place, path, { labelSelector: metricSelector(metric) })
  if (items.length === 0) throw new Error('no metrics returned from external metrics API')
  return items
}

async function versionsOf(client: Client, group: string): Promise<readonly string[]> {
  try {
    const answer = (await client.raw({ method: 'GET', path: `/apis/${group}` })) as {
      readonly versions?: readonly { readonly version?: string }[]
    }
    return (answer.versions ?? []).map(({ version = '' }) => version)
  } catch (error) {
    if (isReason(error, 'NotFound')) return []
    throw error
  }
}

/** The newest version that the adapter serves. */
async function customRoot({ client }: MetricsPlace): Promise<string> {
  const versions = await versionsOf(client, customGroup)
  const version = ['v1beta2', 'v1beta1'].find((one) => versions.includes(one))
  if (version === undefined) throw new Error(`no custom metrics API (${customGroup}) registered`)
  return `/apis/${customGroup}/${version}`
}

async function itemsAt({ client }: MetricsPlace, path: string, wish: Record<string, string>): Promise<readonly Item[]> {
  const query = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== ''))
  const { items } = (await client.raw({ method: 'GET', path, query })) as { readonly items?: readonly Item[] }
  return items ?? []
}
