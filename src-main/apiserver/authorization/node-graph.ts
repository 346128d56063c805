/** Which node needs what, because a pod that is bound to it does. Made on the first question, then follows the cache. */
import type { PersistentVolume, Pod } from '../../api/types/core-v1.ts'
import type { RoleSource } from './role-index.ts'
import { podNeeds, volumeSecrets, type Need } from './pod-references.ts'

export class NodeGraph {
  private readonly source: RoleSource
  /** Node → `need namespace/name` → how many pods need it. */
  private needs: Map<string, Map<string, number>> | undefined
  /** Secret → the volumes that are mounted with it. */
  private readonly volumesBySecret = new Map<string, Set<string>>()

  constructor(source: RoleSource) {
    this.source = source
  }

  needsOfPods(node: string, need: Need, namespace: string, name: string): boolean {
    const key = `${namespace}/${name}`
    if (this.direct(node, need, key)) return true
    if (need !== 'secret') return false
    return [...(this.volumesBySecret.get(key) ?? [])].some((volume) => this.needsVolume(node, volume))
  }

  needsVolume(node: string, volume: string): boolean {
    const stored = this.source.resource('core/persistentvolumes').get(volume)
    const { namespace = '', name = '' } = (stored?.object as PersistentVolume | undefined)?.spec?.claimRef ?? {}
    return name !== '' && this.direct(node, 'claim', `${namespace}/${name}`)
  }

  hasPod(node: string, namespace: string, name: string): boolean {
    const stored = this.source.resource('core/pods').get(`${namespace}/${name}`)
    return (stored?.object as Pod | undefined)?.spec?.nodeName === node
  }

  private direct(node: string, need: Need, key: string): boolean {
    return (this.known().get(node)?.get(`${need} ${key}`) ?? 0) > 0
  }

  private known(): Map<string, Map<string, number>> {
    if (this.needs !== undefined) return this.needs
    const needs = new Map<string, Map<string, number>>()
    this.needs = needs
    this.source.resource('core/pods').follow((previous, next) => {
      if (next !== undefined) count(needs, next.object as Pod, 1)
      if (previous !== undefined) count(needs, previous.object as Pod, -1)
    })
    this.source.resource('core/persistentvolumes').follow((previous, next) => {
      if (previous !== undefined) this.seeVolume(previous.object as PersistentVolume, false)
      if (next !== undefined) this.seeVolume(next.object as PersistentVolume, true)
    })
    return needs
  }

  private seeVolume(volume: PersistentVolume, there: boolean): void {
    const name = volume.metadata?.name ?? ''
    for (const secret of volumeSecrets(volume)) {
      const volumes = this.volumesBySecret.get(secret) ?? new Set()
      if (there) volumes.add(name)
      else volumes.delete(name)
      if (volumes.size === 0) this.volumesBySecret.delete(secret)
      else this.volumesBySecret.set(secret, volumes)
    }
  }
}

function count(needs: Map<string, Map<string, number>>, pod: Pod, change: 1 | -1): void {
  const node = pod.spec?.nodeName ?? ''
  if (node === '') return
  const ofNode = needs.get(node) ?? new Map<string, number>()
  needs.set(node, ofNode)
  for (const [need, name] of podNeeds(pod)) {
    const key = `${need} ${pod.metadata?.namespace ?? ''}/${name}`
    const now = (ofNode.get(key) ?? 0) + change
    if (now > 0) ofNode.set(key, now)
    else ofNode.delete(key)
  }
  if (ofNode.size === 0) needs.delete(node)
}
