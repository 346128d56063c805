/** What a pod needs from the API to run: what its node may therefore read. */
import { mirrorAnnotation } from '../../api/meta/pod.ts'
import type { Container, EphemeralContainer, PersistentVolume, Pod, Volume } from '../../api/types/core-v1.ts'

export type Need = 'secret' | 'configmap' | 'claim' | 'account' | 'resourceclaim'

/** Names in the pod's own namespace. A mirror pod needs nothing: its node made it up. */
export function podNeeds(pod: Pod): readonly (readonly [need: Need, name: string])[] {
  const { spec, metadata } = pod
  if (spec === undefined || metadata?.annotations?.[mirrorAnnotation] !== undefined) return []
  const needs: (readonly [Need, string])[] = []
  const add = (need: Need, name: string | undefined): void => {
    if (name !== undefined && name !== '') needs.push([need, name])
  }
  add('account', spec.serviceAccountName)
  for (const { name } of spec.imagePullSecrets ?? []) add('secret', name)
  const containers: readonly (Container | EphemeralContainer)[] = [
    ...(spec.initContainers ?? []),
    ...spec.containers,
    ...(spec.ephemeralContainers ?? []),
  ]
  for (const { env = [], envFrom = [] } of containers) {
    for (const { secretRef, configMapRef } of envFrom) {
      add('secret', secretRef?.name)
      add('configmap', configMapRef?.name)
    }
    for (const { valueFrom } of env) {
      add('secret', valueFrom?.secretKeyRef?.name)
      add('configmap', valueFrom?.configMapKeyRef?.name)
    }
  }
  for (const volume of spec.volumes ?? []) addVolume(volume, metadata?.name ?? '', add)
  for (const claim of spec.resourceClaims ?? []) add('resourceclaim', claim.resourceClaimName)
  for (const claim of pod.status?.resourceClaimStatuses ?? []) add('resourceclaim', claim.resourceClaimName)
  return needs
}

function addVolume(volume: Volume, podName: string, add: (need: Need, name: string | undefined) => void): void {
  add('secret', volume.secret?.secretName)
  add('configmap', volume.configMap?.name)
  add('claim', volume.persistentVolumeClaim?.claimName)
  if (volume.ephemeral !== undefined) add('claim', `${podName}-${volume.name}`)
  add('secret', volume.csi?.nodePublishSecretRef?.name)
  const { cephfs, flexVolume, iscsi, rbd, scaleIO, storageos } = volume
  for (const source of [cephfs, flexVolume, iscsi, rbd, scaleIO, storageos]) add('secret', source?.secretRef?.name)
  add('secret', volume.azureFile?.secretName)
  for (const { secret, configMap } of volume.projected?.sources ?? []) {
    add('secret', secret?.name)
    add('configmap', configMap?.name)
  }
}

/** The secrets that a volume is mounted with, as `namespace/name`. */
export function volumeSecrets({ spec = {} }: PersistentVolume): string[] {
  const { csi, cephfs, flexVolume, iscsi, rbd, scaleIO, storageos, azureFile, claimRef } = spec
  const references = [
    ...[csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef],
    ...[cephfs, flexVolume, iscsi, rbd, scaleIO, storageos].map((source) => source?.secretRef),
    { name: azureFile?.secretName, namespace: azureFile?.secretNamespace },
  ]
  return references.flatMap((reference) => {
    const name = reference?.name ?? ''
    return name === '' ? [] : [`${reference?.namespace ?? claimRef?.namespace ?? ''}/${name}`]
  })
}
