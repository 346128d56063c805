/** The kubelet's API, as far as it is for reading: what `nodes/<name>/proxy` leads to. */
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import { chooseContainer, containerAddress } from '../handlers/pod-container.ts'
import { logOptions } from '../handlers/log.ts'
import type { ContainerUsage, NodeAgent } from '../node-agent.ts'
import type { Answer, ServerRequest } from '../request.ts'

export interface NodeSource {
  readonly cache: WatchCache
  readonly agent: NodeAgent
  readonly nodeName: string
}

/** Undefined: no such path. */
export async function readNode(
  source: NodeSource,
  path: string,
  { query, signal }: Pick<ServerRequest, 'query' | 'signal'>,
): Promise<Answer | undefined> {
  const [first = '', ...rest] = path.split('/').filter((segment) => segment !== '')
  switch ([first, ...(first === 'containerLogs' ? [] : rest)].join('/')) {
    case 'healthz':
    case 'healthz/ping':
      return text('ok')
    case 'pods':
    case 'runningpods':
      return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: podsOf(source) })
    case 'configz':
      return json({ kubeletconfig: { kind: 'KubeletConfiguration', apiVersion: 'kubelet.config.k8s.io/v1beta1' } })
    case 'stats/summary':
      return json(summary(source.nodeName, await source.agent.usage()))
    case 'containerLogs':
      return containerLog(source, rest, query, signal)
    default:
      return undefined
  }
}

const json = (content: object): Answer => bytes('application/json', JSON.stringify(content))
const text = (content: string): Answer => bytes('text/plain; charset=utf-8', content)
const bytes = (contentType: string, content: string): Answer => ({
  ...{ type: 'bytes', code: 200, contentType },
  bytes: Buffer.from(content),
})

function podsOf({ cache, nodeName }: NodeSource): object[] {
  const indexed = { field: 'spec.nodeName', value: nodeName }
  return cache
    .resource('core/pods')
    .list({ indexed, matches: (object) => (object as Pod).spec?.nodeName === nodeName })
    .map(({ object }) => object)
}

async function containerLog(
  { cache, agent, nodeName }: NodeSource,
  [namespace = '', name = '', container = '']: readonly string[],
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const pod = cache.resource('core/pods').get(`${namespace}/${name}`)?.object as Live<Pod> | undefined
  if (pod === undefined || pod.spec?.nodeName !== nodeName) return undefined
  const address = containerAddress(pod, chooseContainer(pod, container))
  return {
    type: 'stream',
    contentType: 'text/plain',
    stream: await agent.logs(address, logOptions(name, query), signal),
  }
}

/** What is measured, in the form of the kubelet's summary; the node's own sums are those of its containers. */
function summary(nodeName: string, usage: readonly ContainerUsage[]): object {
  const byPod = Map.groupBy(usage, ({ uid }) => uid)
  return {
    node: { nodeName, ...measured(usage) },
    pods: [...byPod.values()].flatMap((containers) => {
      const [first] = containers
      if (first === undefined) return []
      return {
        podRef: { name: first.pod, namespace: first.namespace, uid: first.uid },
        ...measured(containers),
        containers: containers.map((one) => ({ name: one.container, ...measured([one]) })),
      }
    }),
  }
}

function measured(containers: readonly ContainerUsage[]): object {
  if (containers.length === 0) return {}
  const time = timestamp(Math.max(...containers.map(({ atMs }) => atMs)))
  const sum = (read: (one: ContainerUsage) => number): number => containers.reduce((total, one) => total + read(one), 0)
  return {
    cpu: { time, usageNanoCores: Math.round(sum(({ cpuNanoCores }) => cpuNanoCores)) },
    memory: { time, workingSetBytes: sum(({ memoryBytes }) => memoryBytes) },
  }
}
