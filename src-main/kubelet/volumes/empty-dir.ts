import { parseQuantity, wholeValue } from '../../api/meta/quantity.ts'
import type { VolumeKind } from './volume.ts'

/** Arguments: the folder; the mount's options. Mounting again over a mount would hide what is there. */
const mountScript = 'mountpoint -q "$1" || mount -t tmpfs -o "$2" tmpfs "$1"'

export const emptyDir: VolumeKind = {
  field: 'emptyDir',
  path: (_volume, folder) => folder,
  prepare({ emptyDir: source }, folder, { pod }) {
    const group = pod.spec?.securityContext?.fsGroup
    const mode = group === undefined ? 0o777 : 0o2777
    const directory = { path: folder, type: 'directory', mode, gid: group ?? 0 } as const
    const limit = source?.sizeLimit === undefined ? 0 : wholeValue(parseQuantity(source.sizeLimit))
    const inMemory = source?.medium === 'Memory'
    // Size 0: no limit.
    const options = `size=${limit},mode=0${mode.toString(8)},gid=${group ?? 0}`
    const commands = inMemory ? [['sh', '-c', mountScript, 'sh', folder, options]] : []
    return Promise.resolve({ entries: [directory], commands })
  },
}
