/** The cluster's resource claims and device classes from watches. */
import type { Live } from '../../api/meta/object.ts'
import type { DeviceClass, ResourceClaim } from '../../api/types/resource-v1.ts'
import type { Informer } from '../../client/informer.ts'
import type { Informers } from '../../client/informers.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { describedKind } from '../described-kind.ts'
import type { ClusterEvent } from '../framework.ts'
import type { DeviceView } from './device-view.ts'

const group = 'resource.k8s.io'
export const resourceClaimKind = describedKind<ResourceClaim>(group, 'resourceclaims')
const deviceClassKind = describedKind<DeviceClass>(group, 'deviceclasses')

export class DeviceCache implements DeviceView {
  private readonly claims: Informer<ResourceClaim>
  private readonly classes: Informer<DeviceClass>

  constructor(informers: Informers) {
    this.claims = informers.of(resourceClaimKind)
    this.classes = informers.of(deviceClassKind)
  }

  resourceClaim(namespace: string, name: string): Live<ResourceClaim> | undefined {
    return this.claims.lister.get(namespace, name)
  }

  deviceClass(name: string): Live<DeviceClass> | undefined {
    return this.classes.lister.get(undefined, name)
  }

  /** Reports what may help pods that wait for their claims; that something is gone helps nobody. */
  follow(report: (event: ClusterEvent) => void): Disposable {
    const started = new DisposableStack()
    const claim = (one: Live<ResourceClaim>): void => report({ type: 'claimChanged', claim: one })
    started.use(this.claims.on({ added: claim, updated: (_, one) => claim(one) }))
    const changed = (): void => report({ type: 'deviceClassChanged' })
    started.use(this.classes.on({ added: changed, updated: changed }))
    return started
  }
}
