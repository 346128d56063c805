import type { DownwardAPIVolumeFile } from '../../api/types/core-v1.ts'
import { fieldValue, resourceValue } from '../field-reference.ts'
import { defaultFileMode, payloadVolume, safePath, type PayloadFile } from './payload.ts'
import type { VolumeContext, VolumeKind } from './volume.ts'

export const downwardApi: VolumeKind = {
  field: 'downwardAPI',
  path: (_volume, folder) => folder,
  prepare({ downwardAPI: source = {} }, folder, context) {
    const files = downwardFiles(source.items ?? [], source.defaultMode ?? defaultFileMode, context)
    return Promise.resolve(payloadVolume(folder, files, context.stamp, context.pod.spec?.securityContext?.fsGroup))
  },
}

export function downwardFiles(
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  { pod, facts }: VolumeContext,
): PayloadFile[] {
  return items.map(({ path, mode, fieldRef, resourceFieldRef }) => {
    const value =
      fieldRef !== undefined
        ? fieldValue(pod, fieldRef.fieldPath, facts)
        : resourceFieldRef !== undefined
          ? resourceValue(pod, { name: '' }, resourceFieldRef, facts)
          : ''
    return { path: safePath(path), content: Buffer.from(value), mode: mode ?? defaultMode }
  })
}
