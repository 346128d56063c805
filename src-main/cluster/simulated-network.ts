/** The network of a simulated node: addresses of its range, and nothing behind them. */
import type { Node } from '../api/types/core-v1.ts'
import type { Informer } from '../client/informer.ts'
import type { PodNetwork } from '../kubelet/pod-network.ts'
import type { Disposable } from '../lib/disposable.ts'
import { Emitter } from '../lib/emitter.ts'

export class SimulatedNetwork implements PodNetwork, Disposable {
  private readonly addresses = new Map<string, string>()
  private readonly free: string[] = []
  private readonly changes = new Emitter<void>()
  private readonly subscription: Disposable
  private next = 2
  /** The first three numbers of the node's range, such as `10.244.1`. */
  private prefix: string | undefined

  constructor(nodes: Informer<Node>, nodeName: string) {
    const look = (): void => {
      const range = nodes.lister.get(undefined, nodeName)?.spec?.podCIDR
      if (range === undefined || this.prefix !== undefined) return
      this.prefix = range.split('.').slice(0, 3).join('.')
      this.changes.emit()
    }
    this.subscription = nodes.on({ added: look, updated: look })
  }

  problem(): string | undefined {
    return this.prefix === undefined ? 'the node has no range of pod addresses yet' : undefined
  }

  onChange(listener: () => void): Disposable {
    return this.changes.on(listener)
  }

  dispose(): void | Promise<void> {
    return this.subscription.dispose()
  }

  reserve(podUid: string): string {
    const known = this.addresses.get(podUid)
    if (known !== undefined) return known
    const { prefix } = this
    if (prefix === undefined) throw new Error('the node has no range of pod addresses yet')
    const address = this.free.pop() ?? `${prefix}.${this.next++}`
    this.addresses.set(podUid, address)
    return address
  }

  setUp(): Promise<void> {
    return Promise.resolve()
  }

  tearDown(podUid: string): void {
    const address = this.addresses.get(podUid)
    if (address === undefined) return
    this.addresses.delete(podUid)
    this.free.push(address)
  }

  adopt(): Promise<void> {
    return Promise.resolve()
  }
}
