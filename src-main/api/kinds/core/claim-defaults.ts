import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
} from '../../types/core-v1.ts'

/** Defaults of a claim, or of a template of one, in place. */
export function defaultClaim(draft: PersistentVolumeClaim): void {
  draft.spec ??= {}
  draft.spec.volumeMode ??= 'Filesystem'
}

const isClaimOrSnapshot = ({ apiGroup = '', kind }: TypedLocalObjectReference): boolean =>
  (kind === 'PersistentVolumeClaim' && apiGroup === '') ||
  (kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io')

/**
 * Brings the two ways to say from what a volume is filled together, in place (KEP-1495): the old one knows claims and
 * snapshots alone, and whichever is given stands for both.
 */
export function settleDataSource(draft: PersistentVolumeClaimSpec, previous?: PersistentVolumeClaimSpec): void {
  const isInUse = previous?.dataSource !== undefined || previous?.dataSourceRef !== undefined
  if (!isInUse && draft.dataSource !== undefined && !isClaimOrSnapshot(draft.dataSource)) delete draft.dataSource
  // Sources in other namespaces are behind a feature gate that is off.
  if (draft.dataSourceRef !== undefined && previous?.dataSourceRef === undefined) delete draft.dataSourceRef.namespace
  const { dataSource, dataSourceRef } = draft
  if (dataSource !== undefined && dataSourceRef === undefined) draft.dataSourceRef = { ...dataSource }
  if (dataSource === undefined && dataSourceRef !== undefined && dataSourceRef.namespace === undefined)
    draft.dataSource = { ...dataSourceRef }
}
