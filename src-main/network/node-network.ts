/** One node's part of the pod network: a bridge, a link for each pod, and routes to the other nodes' pods. */
import { createHash } from 'node:crypto'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import type { Live } from '../api/meta/object.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import { Informer } from '../client/informer.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { Emitter } from '../lib/emitter.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { execOrThrow, type Machine } from '../machines/machine.ts'
import { contains, parseCidr } from './cidr.ts'
import { hostPorts, hostPortText } from './host-ports.ts'
import { bridgeName, nodeCommand, podCommand, routeBatch, routeProtocol, type Route } from './node-commands.ts'
import { PodAddresses } from './pod-addresses.ts'
import { Syncer } from './syncer.ts'

export interface NodeNetworkOptions {
  readonly machine: Machine
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  readonly nodeName: string
  /** The pods' network of the whole cluster. */
  readonly clusterCidr: string
}

/** A sandbox that runs, and the address that its pod was given. */
export interface WiredSandbox {
  readonly podUid: string
  readonly address: string
  readonly pid: number
}

/** What the kubelet is given to connect pods. */
export interface NodeNetwork extends Disposable {
  problem(): string | undefined
  onChange(listener: () => void): Disposable
  reserve(podUid: string): string
  setUp(sandbox: WiredSandbox): Promise<void>
  tearDown(podUid: string): void
  adopt(sandboxes: readonly WiredSandbox[]): Promise<void>
}

export function createNodeNetwork(options: NodeNetworkOptions): NodeNetwork {
  return new BridgedNetwork(options)
}

class BridgedNetwork implements NodeNetwork {
  private readonly options: NodeNetworkOptions
  private readonly nodes: Informer<Node>
  private readonly parts = new DisposableStack()
  private readonly changes = new Emitter<void>()
  private readonly syncer: Syncer
  /** What runs here since before the node's network was known. */
  private readonly adopted = new Map<string, string>()
  private readonly pods: Informer<Pod>
  /** The rules of host ports that the worker was last given. */
  private hostPorts: string | undefined
  private addresses: PodAddresses | undefined
  /** The bridge is as it should be. */
  private bridged = false

  constructor(options: NodeNetworkOptions) {
    this.options = options
    const log = options.log.named(`network/${options.nodeName}`)
    this.nodes = new Informer(nodeKind, {}, { ...options, log })
    const onThisNode = { fieldSelector: `spec.nodeName=${options.nodeName}` }
    this.pods = new Informer(podKind, onThisNode, { ...options, log })
    this.syncer = this.parts.use(new Syncer('the node network', () => this.sync(), { ...options, log }))
    this.parts.use(this.nodes.start())
    this.parts.use(this.pods.start())
    void this.pods.synced().then(() => this.syncer.request())
    const podChanged = (...states: Live<Pod>[]): void => {
      if (hostPorts(states).length > 0) this.syncer.request()
    }
    this.parts.use(this.pods.on({ added: podChanged, updated: podChanged, deleted: podChanged }))
    this.parts.use(
      this.nodes.on({
        added: (node) => this.see(node),
        updated: (before, node) => this.see(node, before),
        deleted: () => this.syncer.request(),
      }),
    )
    this.parts.use(
      options.machine.onConnection((connected) => {
        // The worker may have been restarted meanwhile: everything is made sure of again.
        this.bridged = false
        this.hostPorts = undefined
        if (connected) this.syncer.request()
      }),
    )
  }

  problem(): string | undefined {
    if (this.addresses === undefined) return 'container runtime network not ready: the node has no pod network yet'
    return this.bridged ? undefined : 'container runtime network not ready: the bridge of the pods is not set up'
  }

  onChange(listener: () => void): Disposable {
    return this.changes.on(listener)
  }

  reserve(podUid: string): string {
    const problem = this.problem()
    if (this.addresses === undefined || problem !== undefined) throw new Error(problem)
    return this.addresses.reserve(podUid)
  }

  async setUp({ podUid, address, pid }: WiredSandbox): Promise<void> {
    const { addresses } = this
    if (addresses === undefined) throw new Error(this.problem())
    const { bits } = addresses.network
    const link = { link: linkName(podUid), pid, address, prefixBits: bits, gateway: addresses.bridge }
    await execOrThrow(this.options.machine, podCommand(link))
  }

  tearDown(podUid: string): void {
    this.adopted.delete(podUid)
    this.addresses?.release(podUid)
  }

  async adopt(sandboxes: readonly WiredSandbox[]): Promise<void> {
    const { clusterCidr, machine } = this.options
    const cluster = parseCidr(clusterCidr)
    const own = sandboxes.filter(({ address }) => contains(cluster, address))
    for (const { podUid, address } of own) {
      this.adopted.set(podUid, address)
      this.addresses?.adopt(podUid, address)
    }
    if (own.length === 0 || this.problem() !== undefined) return
    const { stdout } = await machine.exec(['ip', '-o', 'link', 'show', 'master', bridgeName])
    const present = new Set([...stdout.matchAll(/^\d+: ([^@:]+)/gm)].map(([, name]) => name))
    const missing = own.filter(({ podUid }) => !present.has(linkName(podUid)))
    await Promise.all(missing.map((sandbox) => this.setUp(sandbox)))
  }

  dispose(): Promise<void> {
    return this.parts.dispose()
  }

  private see(node: Live<Node>, before?: Live<Node>): void {
    if (node.metadata.name === this.options.nodeName && this.addresses === undefined) this.takeNetwork(node)
    const changed = before?.spec?.podCIDR !== node.spec?.podCIDR || addressOf(before) !== addressOf(node)
    if (changed) this.syncer.request()
  }

  private takeNetwork({ spec }: Live<Node>): void {
    if (spec?.podCIDR === undefined || spec.podCIDR === '') return
    this.addresses = new PodAddresses(parseCidr(spec.podCIDR))
    for (const [podUid, address] of this.adopted) this.addresses.adopt(podUid, address)
  }

  private async sync(): Promise<void> {
    const { addresses } = this
    const { machine, clusterCidr, probe, nodeName } = this.options
    if (addresses === undefined) return
    if (!this.bridged) {
      const command = nodeCommand(`${addresses.bridge}/${addresses.network.bits}`, clusterCidr)
      await probe.span('network.bridge', { 'k8s.node.name': nodeName }, () => execOrThrow(machine, command))
    }
    await this.syncRoutes()
    this.bridged = true
    this.changes.emit()
    await this.syncHostPorts()
  }

  private async syncRoutes(): Promise<void> {
    const { machine } = this.options
    const listed = await execOrThrow(machine, ['ip', '-o', 'route', 'show', 'proto', routeProtocol])
    const batch = routeBatch(this.wantedRoutes(), readRoutes(listed))
    if (batch !== undefined) await execOrThrow(machine, ['ip', '-b', '-'], { stdin: batch })
  }

  private async syncHostPorts(): Promise<void> {
    if (!this.pods.hasSynced) return
    const text = hostPortText(hostPorts(this.pods.lister.list()))
    if (text === this.hostPorts) return
    this.hostPorts = undefined
    await execOrThrow(this.options.machine, ['iptables-restore', '--noflush', '-w', '5'], { stdin: text })
    this.hostPorts = text
  }

  private wantedRoutes(): Route[] {
    return this.nodes.lister.list().flatMap((node) => {
      const via = addressOf(node)
      const network = node.spec?.podCIDR ?? ''
      if (node.metadata.name === this.options.nodeName || via === undefined || network === '') return []
      return [{ network, via }]
    })
  }
}

function addressOf(node: Node | undefined): string | undefined {
  return node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
}

function readRoutes(listed: string): Route[] {
  return [...listed.matchAll(/^(\S+) via (\S+)/gm)].map(([, network = '', via = '']) => ({ network, via }))
}

/** Names of links have at most 15 characters. */
export function linkName(podUid: string): string {
  return `veth${createHash('sha256').update(podUid).digest('hex').slice(0, 11)}`
}
