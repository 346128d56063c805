import type { PersistentVolumeClaim } from '../../types/core-v1.ts'

/** Defaults of a claim, or of a template of one, in place. */
export function defaultClaim(draft: PersistentVolumeClaim): void {
  draft.spec ??= {}
  draft.spec.volumeMode ??= 'Filesystem'
  const { dataSource, dataSourceRef } = draft.spec
  if (dataSourceRef === undefined && dataSource !== undefined) draft.spec.dataSourceRef = { ...dataSource }
}
