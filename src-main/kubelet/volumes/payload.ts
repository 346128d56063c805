/** Volumes made of small files that may change while they are mounted. */
import type { KeyToPath } from '../../api/types/core-v1.ts'
import { ConfigError } from '../config-error.ts'
import type { TarEntry } from '../../lib/tar.ts'
import type { PreparedVolume } from './volume.ts'

export interface PayloadFile {
  /** Relative to the volume. */
  readonly path: string
  readonly content: Uint8Array
  readonly mode: number
}

export const defaultFileMode = 0o644

/**
 * The files stand in a folder of their own, `..data` links to it, and each name links through `..data`: whoever reads
 * sees all files of one state, for the change is the swap of one link.
 */
export function payloadVolume(
  folder: string,
  files: readonly PayloadFile[],
  stamp: string,
  group?: number,
): PreparedVolume {
  const version = `..${stamp}`
  const owner = group === undefined ? {} : { gid: group }
  const names = new Set(files.map(({ path }) => path.split('/')[0] ?? path))
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)))
  const entries: TarEntry[] = [
    { path: folder, type: 'directory', mode: 0o755 },
    { path: `${folder}/${version}`, type: 'directory', mode: 0o755 },
    ...[...folders].map((path): TarEntry => ({ path: `${folder}/${version}/${path}`, type: 'directory', mode: 0o755 })),
    ...files.map(({ path, content, mode }): TarEntry => {
      const readable = group === undefined ? mode : mode | 0o040
      return { path: `${folder}/${version}/${path}`, type: 'file', mode: readable, content, ...owner }
    }),
    { path: `${folder}/..data_tmp`, type: 'link', mode: 0o777, target: version },
    ...[...names].map((name): TarEntry => ({
      path: `${folder}/${name}`,
      type: 'link',
      mode: 0o777,
      target: `..data/${name}`,
    })),
  ]
  return { entries, commands: [['sh', '-c', swapScript, 'sh', folder, version, ...names]] }
}

/** Swaps the link in one step, then takes away old versions and names that are no more. */
const swapScript = `set -e
cd "$1"; version=$2; shift 2
mv -fT ..data_tmp ..data
for old in ..[0-9]*; do [ "$old" = "$version" ] || rm -rf -- "$old"; done
for link in *; do
  [ -L "$link" ] || continue
  keep=; for name in "$@"; do [ "$name" = "$link" ] && keep=1; done
  [ -n "$keep" ] || rm -f -- "$link"
done
`

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** The files of a config map or secret: all keys, or those that `items` names. Throws for a key that is not there. */
export function selectFiles(
  data: ReadonlyMap<string, Uint8Array>,
  items: readonly KeyToPath[] | undefined,
  defaultMode: number,
  source: { readonly what: string; readonly optional: boolean },
): PayloadFile[] {
  if (items === undefined) return [...data].map(([path, content]) => ({ path, content, mode: defaultMode }))
  return items.flatMap(({ key, path, mode }) => {
    const content = data.get(key)
    if (content !== undefined) return [{ path: safePath(path), content, mode: mode ?? defaultMode }]
    if (source.optional) return []
    throw new ConfigError('FailedMount', `references non-existent ${source.what} key: ${key}`)
  })
}

/** A path that stays in its volume. */
export function safePath(path: string): string {
  const inside = !path.startsWith('/') && !path.split('/').includes('..') && path !== ''
  if (!inside) throw new ConfigError('FailedMount', `${path} leads out of the volume`)
  return path
}
