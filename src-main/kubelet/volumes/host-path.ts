import type { VolumeKind } from './volume.ts'

const checks: Readonly<Record<string, string>> = {
  Directory: '-d',
  File: '-f',
  Socket: '-S',
  CharDevice: '-c',
  BlockDevice: '-b',
}
const makeFile = 'mkdir -p "$(dirname "$1")" && { [ -e "$1" ] || : > "$1"; }'

export const hostPath: VolumeKind = {
  field: 'hostPath',
  path: ({ hostPath: source }) => source?.path ?? '',
  prepare({ hostPath: source, persistentVolumeClaim, ephemeral }) {
    const { path = '', type = '' } = source ?? {}
    const check = checks[type]
    // A claim's folder is for whatever user its pods run as.
    const claimed = persistentVolumeClaim !== undefined || ephemeral !== undefined
    const command =
      type === 'DirectoryOrCreate'
        ? ['mkdir', '-p', ...(claimed ? ['-m', '0777'] : []), '--', path]
        : type === 'FileOrCreate'
          ? ['sh', '-c', makeFile, 'sh', path]
          : check === undefined
            ? undefined
            : ['test', check, path]
    return Promise.resolve({ entries: [], commands: command === undefined ? [] : [command] })
  },
}
