/** The cluster's storage objects from watches, overlaid with what this scheduler has promised and not yet seen. */
import { persistentVolumeClaim } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../api/kinds/core/persistent-volume.ts'
import { storageClass } from '../../api/kinds/storage/storage-class.ts'
import { keyOf, type KubernetesObject, type Live } from '../../api/meta/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.ts'
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from '../../api/types/storage-v1.ts'
import type { Informer } from '../../client/informer.ts'
import type { Informers } from '../../client/informers.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { describedKind } from '../described-kind.ts'
import type { StorageKind } from '../framework.ts'
import { selectedNodeAnnotation, type Claim, type Volume, type VolumePlan } from './match-volumes.ts'
import type { StorageView } from './storage-view.ts'

const group = 'storage.k8s.io'

export class StorageCache implements StorageView {
  private readonly claims: Informer<PersistentVolumeClaim>
  private readonly volumes: Informer<PersistentVolume>
  private readonly informers: Informers
  /** Volumes by name and claims by key, as they will be when what was promised is written. */
  private readonly promisedVolumes = new Map<string, Volume>()
  private readonly promisedClaims = new Map<string, Claim>()
  private readonly changed = new Set<() => void>()

  constructor(informers: Informers) {
    this.informers = informers
    this.claims = informers.of(persistentVolumeClaim)
    this.volumes = informers.of(persistentVolume)
    this.volumes.addIndex('class', ({ spec }) => [spec?.storageClassName ?? ''])
    informers.of(storageClass)
    informers.of(describedKind<CSINode>(group, 'csinodes'))
    informers.of(describedKind<CSIDriver>(group, 'csidrivers'))
    const capacities = informers.of(describedKind<CSIStorageCapacity>(group, 'csistoragecapacities'))
    capacities.addIndex('class', ({ storageClassName }) => [storageClassName])
  }

  claim(namespace: string, name: string): Claim | undefined {
    const promised = this.promisedClaims.get(`${namespace}/${name}`)
    return promised ?? this.claims.lister.get(namespace, name)
  }

  volume(name: string): Volume | undefined {
    return name === '' ? undefined : (this.promisedVolumes.get(name) ?? this.volumes.lister.get(undefined, name))
  }

  volumesOfClass(className: string): readonly Volume[] {
    const found = this.volumes.lister.byIndex('class', className)
    return this.promisedVolumes.size === 0 ? found : found.map((one) => this.volume(one.metadata.name) ?? one)
  }

  storageClass(name: string): Live<StorageClass> | undefined {
    return this.informers.of(storageClass).lister.get(undefined, name)
  }

  csiNode(nodeName: string): Live<CSINode> | undefined {
    return this.informers.of(describedKind<CSINode>(group, 'csinodes')).lister.get(undefined, nodeName)
  }

  csiDriver(name: string): Live<CSIDriver> | undefined {
    return this.informers.of(describedKind<CSIDriver>(group, 'csidrivers')).lister.get(undefined, name)
  }

  capacitiesOfClass(className: string): readonly Live<CSIStorageCapacity>[] {
    return this.informers
      .of(describedKind<CSIStorageCapacity>(group, 'csistoragecapacities'))
      .lister.byIndex('class', className)
  }

  /** From now on the volumes are taken and the claims have their node. The result takes it all back. */
  promise({ matches, provisions }: VolumePlan, nodeName: string): () => void {
    for (const { claim, volume } of matches) {
      const { name, namespace = '', uid } = claim.metadata
      const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid }
      this.promisedVolumes.set(volume.metadata.name, { ...volume, spec: { ...volume.spec, claimRef } })
    }
    for (const claim of provisions) {
      const annotations = { ...claim.metadata.annotations, [selectedNodeAnnotation]: nodeName }
      this.promisedClaims.set(keyOf(claim), { ...claim, metadata: { ...claim.metadata, annotations } })
    }
    return () => {
      for (const { volume } of matches) this.promisedVolumes.delete(volume.metadata.name)
      for (const claim of provisions) this.promisedClaims.delete(keyOf(claim))
    }
  }

  /** Tells of every change of claims and volumes. */
  onChange(listener: () => void): Disposable {
    this.changed.add(listener)
    return { dispose: () => void this.changed.delete(listener) }
  }

  /** Reports what may help pods that wait for volumes. */
  follow(report: (kind: StorageKind) => void): Disposable {
    const started = new DisposableStack()
    const on = <T extends KubernetesObject>(
      informer: Informer<T>,
      kind: StorageKind,
      settle: (object: Live<T>, isGone: boolean) => void = () => undefined,
    ): void => {
      const tell = (object: Live<T>, isGone: boolean): void => {
        settle(object, isGone)
        report(kind)
        for (const listener of [...this.changed]) listener()
      }
      const handlers = {
        added: (object: Live<T>) => tell(object, false),
        updated: (_: Live<T>, object: Live<T>) => tell(object, false),
        deleted: (object: Live<T>) => tell(object, true),
      }
      started.use(informer.on(handlers))
    }
    // A promise ends when the server says the same.
    on(this.volumes, 'PersistentVolume', ({ metadata, spec }, isGone) => {
      if (isGone || spec?.claimRef !== undefined) this.promisedVolumes.delete(metadata.name)
    })
    on(this.claims, 'PersistentVolumeClaim', (claim, isGone) => {
      const isWritten = claim.metadata.annotations?.[selectedNodeAnnotation] !== undefined
      if (isGone || isWritten || (claim.spec?.volumeName ?? '') !== '') this.promisedClaims.delete(keyOf(claim))
    })
    on(this.informers.of(storageClass), 'StorageClass')
    on(this.informers.of(describedKind<CSINode>(group, 'csinodes')), 'CSINode')
    on(this.informers.of(describedKind<CSIDriver>(group, 'csidrivers')), 'CSIDriver')
    on(this.informers.of(describedKind<CSIStorageCapacity>(group, 'csistoragecapacities')), 'CSIStorageCapacity')
    return started
  }
}
