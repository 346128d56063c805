import { parseQuantity, wholeValue } from '../../api/meta/quantity.ts'
import type { VolumeKind } from './volume.ts'

/** Argument: the folder; size in bytes, 0 for no limit. Mounting again over a mount would hide what is there. */
const mountScript = 'mountpoint -q "$1" || mount -t tmpfs -o "size=$2,mode=0777" tmpfs "$1"'

export const emptyDir: VolumeKind = {
  field: 'emptyDir',
  path: (_volume, folder) => folder,
  prepare({ emptyDir: source }, folder, { pod }) {
    const group = pod.spec?.securityContext?.fsGroup
    const directory = {
      path: folder,
      type: 'directory',
      mode: group === undefined ? 0o777 : 0o2777,
      gid: group ?? 0,
    } as const
    const limit = source?.sizeLimit === undefined ? 0 : wholeValue(parseQuantity(source.sizeLimit))
    const inMemory = source?.medium === 'Memory'
    const commands = inMemory ? [['sh', '-c', mountScript, 'sh', folder, String(limit)]] : []
    return Promise.resolve({ entries: [directory], commands })
  },
}
