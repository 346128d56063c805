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
  prepare({ hostPath: source }) {
    const { path = '', type = '' } = source ?? {}
    const check = checks[type]
    const command =
      type === 'DirectoryOrCreate'
        ? ['mkdir', '-p', '--', path]
        : type === 'FileOrCreate'
          ? ['sh', '-c', makeFile, 'sh', path]
          : check === undefined
            ? undefined
            : ['test', check, path]
    return Promise.resolve({ entries: [], commands: command === undefined ? [] : [command] })
  },
}
