import { contains, nthAddress, sizeOf, type Cidr } from './cidr.ts'

/** Which pod has which address of one node's network. The first addresses are the network's and the bridge's. */
export class PodAddresses {
  readonly network: Cidr
  private readonly byPod = new Map<string, string>()
  private readonly taken = new Set<string>()
  /** Where to look next: an address that was given back rests as long as possible. */
  private next = 2

  constructor(network: Cidr) {
    this.network = network
  }

  get bridge(): string {
    return nthAddress(this.network, 1)
  }

  /** A pod has had this address since before we started. */
  adopt(podUid: string, address: string): void {
    if (!contains(this.network, address)) return
    this.byPod.set(podUid, address)
    this.taken.add(address)
  }

  /** Throws when all addresses are taken. */
  reserve(podUid: string): string {
    const known = this.byPod.get(podUid)
    if (known !== undefined) return known
    // The last address is the broadcast.
    const places = sizeOf(this.network) - 3
    for (let tried = 0; tried < places; tried++) {
      const address = nthAddress(this.network, this.next)
      this.next = this.next >= places + 1 ? 2 : this.next + 1
      if (this.taken.has(address)) continue
      this.adopt(podUid, address)
      return address
    }
    throw new Error(`no free address: all ${places} of this node are taken`)
  }

  release(podUid: string): void {
    const address = this.byPod.get(podUid)
    if (address === undefined) return
    this.byPod.delete(podUid)
    this.taken.delete(address)
  }
}
