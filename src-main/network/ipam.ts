/** Gives every node a part of the cluster's pod network. */
import { node as nodeKind } from '../api/kinds/core/node.ts'
import type { Node } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import { createEventRecorder } from '../client/events.ts'
import { runController } from '../client/controller.ts'
import { watchOwn } from '../client/controller-sources.ts'
import { Informer } from '../client/informer.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { addressText, cidrText, parseCidr, sizeOf, type Cidr } from './cidr.ts'

export interface NodeIpamOptions {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  /** The pods' network of the whole cluster: `10.244.0.0/16`. */
  readonly clusterCidr: string
  /** How many bits of a node's network are fixed; absent: 24. */
  readonly nodeMaskBits?: number
}

/** The first part that no node has; undefined when all are given. */
export function freeNetwork(cluster: Cidr, bits: number, taken: ReadonlySet<string>): string | undefined {
  const size = 2 ** (32 - bits)
  for (let base = cluster.base; base < cluster.base + sizeOf(cluster); base += size) {
    const candidate = `${addressText(base)}/${bits}`
    if (!taken.has(candidate)) return candidate
  }
  return undefined
}

/** The networks that nodes have; one is left out. */
export function takenNetworks(nodes: readonly Node[]): Set<string> {
  const all = nodes.flatMap(({ spec }) => spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]))
  return new Set(all.map((text) => cidrText(parseCidr(text))))
}

export function startNodeIpam(options: NodeIpamOptions): Disposable {
  const { client, clusterCidr, nodeMaskBits = 24 } = options
  const cluster = parseCidr(clusterCidr)
  const nodes = new Informer(nodeKind, {}, options)
  const events = createEventRecorder({ ...options, component: 'cidrAllocator' })
  // Given out, but not seen in the cache yet.
  const pending = new Map<string, string>()
  const parts = new DisposableStack()
  parts.use(nodes.start())
  parts.use(
    runController({
      ...options,
      name: 'node-ipam',
      kind: nodeKind,
      sources: [watchOwn(nodes, (node) => (node.spec?.podCIDR ?? '') === '')],
      async reconcile(name, { cause }) {
        const node = nodes.lister.get(undefined, name)
        if (node === undefined || (node.spec?.podCIDR ?? '') !== '') return
        const taken = takenNetworks(nodes.lister.list())
        for (const [owner, network] of pending) if (owner !== name) taken.add(network)
        const network = pending.get(name) ?? freeNetwork(cluster, nodeMaskBits, taken)
        if (network === undefined) {
          const { uid } = node.metadata
          const about = { apiVersion: nodeKind.apiVersion, kind: nodeKind.kind, metadata: { name, uid } }
          events.event(about, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
          throw new Error(`${clusterCidr} has no network left for node ${name}`)
        }
        pending.set(name, network)
        const patch = { spec: { podCIDR: network, podCIDRs: [network] } }
        await client.patch(nodeKind, { name }, { type: 'merge', patch }, { cause })
      },
    }),
  )
  parts.use(
    nodes.on({
      updated: (_previous, { metadata, spec }) => void ((spec?.podCIDR ?? '') !== '' && pending.delete(metadata.name)),
      deleted: ({ metadata }) => void pending.delete(metadata.name),
    }),
  )
  return parts
}
