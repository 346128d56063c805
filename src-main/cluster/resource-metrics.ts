/** metrics.k8s.io, from what the kubelets measure: `kubectl top` and autoscalers read it. */
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { nodeMetrics, podMetrics } from '../api/kinds/metrics/resource-metrics.ts'
import { isReason } from '../api/errors.ts'
import type { DynamicObject, Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { NodeMetrics, PodMetrics } from '../api/types/metrics-v1beta1.ts'
import type { ContainerUsage, NodeAgent } from '../apiserver/node-agent.ts'
import type { VirtualResource } from '../apiserver/operation.ts'
import type { Client } from '../client/client.ts'
import { timestamp, type Clock } from '../lib/clock.ts'

/** `client` reads nodes and pods, for their labels; it is asked for only when somebody reads metrics. */
export function resourceMetrics(
  agents: ReadonlyMap<string, NodeAgent>,
  client: () => Client,
  clock: Clock,
): VirtualResource[] {
  return [nodeResource(agents, client, clock), podResource(agents, client)]
}

const asObject = (value: NodeMetrics | PodMetrics): DynamicObject => ({ ...value })

function nodeResource(agents: ReadonlyMap<string, NodeAgent>, client: () => Client, clock: Clock): VirtualResource {
  const read = async (name: string, labels: Record<string, string> = {}): Promise<DynamicObject | undefined> => {
    const usages = await usagesOf(agents.get(name))
    return usages === undefined
      ? undefined
      : asObject({ metadata: { name, labels }, ...spanOf(usages, clock.now()), usage: sum(usages) })
  }
  return {
    kind: nodeMetrics,
    async get(_namespace, name) {
      const found = await orAbsent(client().get(nodeKind, { name }))
      return found === undefined ? undefined : read(name, found.metadata.labels)
    },
    async list() {
      const { items } = await client().list(nodeKind)
      const all = await Promise.all(items.map(({ metadata }) => read(metadata.name, metadata.labels)))
      return all.filter((one) => one !== undefined)
    },
  }
}

function podResource(agents: ReadonlyMap<string, NodeAgent>, client: () => Client): VirtualResource {
  return {
    kind: podMetrics,
    async get(namespace, name) {
      const found = await orAbsent(client().get(podKind, { namespace, name }))
      const usages = await usagesOf(agents.get(found?.spec?.nodeName ?? ''))
      return found === undefined ? undefined : metricsOf(found, usages ?? [])
    },
    async list(namespace) {
      const { items } = await client().list(podKind, namespace === undefined ? {} : { namespace })
      const nodes = new Set(items.flatMap(({ spec }) => spec?.nodeName ?? []))
      const all = await Promise.all([...nodes].map((name) => usagesOf(agents.get(name))))
      const byPod = Map.groupBy(
        all.flatMap((usages) => usages ?? []),
        ({ uid }) => uid,
      )
      return items
        .map((pod) => metricsOf(pod, byPod.get(pod.metadata.uid) ?? []))
        .filter((metrics) => metrics !== undefined)
    },
  }
}

/** Undefined for a node that cannot be asked now. */
async function usagesOf(agent: NodeAgent | undefined): Promise<readonly ContainerUsage[] | undefined> {
  return agent?.usage().catch(() => undefined)
}

/** Undefined when nothing of the pod has been measured. */
function metricsOf({ metadata }: Live<Pod>, usages: readonly ContainerUsage[]): DynamicObject | undefined {
  const own = usages.filter(({ uid }) => uid === metadata.uid)
  if (own.length === 0) return undefined
  const { name, namespace = '', labels = {} } = metadata
  return asObject({
    metadata: { name, namespace, labels },
    ...spanOf(own),
    containers: own.map((usage) => ({ name: usage.container, usage: sum([usage]) })),
  })
}

function sum(usages: readonly ContainerUsage[]): Record<string, string> {
  const nanoCores = usages.reduce((all, { cpuNanoCores }) => all + cpuNanoCores, 0)
  const bytes = usages.reduce((all, { memoryBytes }) => all + memoryBytes, 0)
  return { cpu: `${nanoCores}n`, memory: `${Math.round(bytes / 1024)}Ki` }
}

function spanOf(usages: readonly ContainerUsage[], nowMs = 0): { timestamp: string; window: string } {
  const latest = Math.max(...usages.map(({ atMs }) => atMs), ...(usages.length === 0 ? [nowMs] : []))
  const windowMs = Math.max(0, ...usages.map((usage) => usage.windowMs))
  return { timestamp: timestamp(latest), window: `${Math.round(windowMs / 100) / 10}s` }
}

async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
