import type { DownwardAPIVolumeFile, ProjectedVolumeSource, Volume } from '../../../types/core-v1.ts'
import { defaultPullPolicy } from './image-tag.ts'

/** Files of volumes are readable by all and writable by their owner: 0644. */
const defaultMode = 0o644

/** Defaults of one volume, in place; one that names no source is an empty directory. */
export function defaultVolume(draft: Volume): void {
  if (Object.keys(draft).every((field) => field === 'name')) draft.emptyDir = {}
  if (draft.secret !== undefined) draft.secret.defaultMode ??= defaultMode
  if (draft.configMap !== undefined) draft.configMap.defaultMode ??= defaultMode
  if (draft.hostPath !== undefined) draft.hostPath.type ??= ''
  if (draft.image !== undefined) draft.image.pullPolicy ??= defaultPullPolicy(draft.image.reference ?? '')
  if (draft.ephemeral?.volumeClaimTemplate?.spec !== undefined) {
    draft.ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem'
  }
  if (draft.downwardAPI !== undefined) {
    draft.downwardAPI.defaultMode ??= defaultMode
    defaultDownwardFiles(draft.downwardAPI.items)
  }
  if (draft.projected !== undefined) defaultProjected(draft.projected)
}

function defaultProjected(draft: ProjectedVolumeSource): void {
  draft.defaultMode ??= defaultMode
  for (const source of draft.sources ?? []) {
    if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= 3600
    if (source.podCertificate !== undefined) source.podCertificate.maxExpirationSeconds ??= 86_400
    defaultDownwardFiles(source.downwardAPI?.items)
  }
}

function defaultDownwardFiles(files: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const file of files ?? []) {
    if (file.fieldRef !== undefined) file.fieldRef.apiVersion ??= 'v1'
    if (file.resourceFieldRef !== undefined) file.resourceFieldRef.divisor ??= '0'
  }
}
