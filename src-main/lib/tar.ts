/** Writes a tar archive (ustar, with GNU long names): the same entries give the same bytes on every machine. */

export type TarEntry = {
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
} & (
  | { readonly type: 'directory' }
  | { readonly type: 'file'; readonly content: Uint8Array }
  | { readonly type: 'link'; readonly target: string }
)

const blockBytes = 512
const nameBytes = 100
const longNameMark = '././@LongLink'
const typeFlags = { directory: '5', file: '0', link: '2' } as const
const noBytes = new Uint8Array()
const encoder = new TextEncoder()

/** Entries stand in the order given: a folder before what is in it. `modifiedAt` in Unix milliseconds. */
export function tarArchive(entries: readonly TarEntry[], modifiedAt: number): Uint8Array {
  const seconds = Math.floor(modifiedAt / 1000)
  const blocks = entries.flatMap((entry) => entryBlocks(entry, seconds))
  // Two empty blocks end an archive.
  return concatenated([...blocks, new Uint8Array(2 * blockBytes)])
}

function entryBlocks(entry: TarEntry, seconds: number): Uint8Array[] {
  const name = encoder.encode(entry.path.replace(/^\/+/, '') + (entry.type === 'directory' ? '/' : ''))
  const target = entry.type === 'link' ? encoder.encode(entry.target) : noBytes
  const content = entry.type === 'file' ? entry.content : noBytes
  return [
    ...longName(name, 'L'),
    ...longName(target, 'K'),
    header(name, { ...entry, flag: typeFlags[entry.type], size: content.length, seconds, target }),
    ...padded(content),
  ]
}

/** What does not fit in a header goes before it as an entry of its own. */
function longName(name: Uint8Array, flag: 'L' | 'K'): Uint8Array[] {
  if (name.length <= nameBytes) return []
  const content = concatenated([name, new Uint8Array(1)])
  const facts = { flag, mode: 0, size: content.length, seconds: 0, target: noBytes }
  return [header(encoder.encode(longNameMark), facts), ...padded(content)]
}

interface HeaderFacts {
  readonly flag: string
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
  readonly size: number
  readonly seconds: number
  readonly target: Uint8Array
}

function header(name: Uint8Array, { flag, mode, uid = 0, gid = 0, size, seconds, target }: HeaderFacts): Uint8Array {
  const block = new Uint8Array(blockBytes)
  const text = (value: string, offset: number): void => block.set(encoder.encode(value), offset)
  const octal = (value: number, offset: number, length: number): void =>
    text(value.toString(8).padStart(length - 1, '0'), offset)
  block.set(name.subarray(0, nameBytes), 0)
  octal(mode, 100, 8)
  octal(uid, 108, 8)
  octal(gid, 116, 8)
  octal(size, 124, 12)
  octal(seconds, 136, 12)
  // The checksum counts its own field as spaces.
  text('        ', 148)
  text(flag, 156)
  block.set(target.subarray(0, nameBytes), 157)
  text('ustar  ', 257)
  let sum = 0
  for (const byte of block) sum += byte
  text(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function padded(content: Uint8Array): Uint8Array[] {
  const rest = content.length % blockBytes
  return rest === 0 ? [content] : [content, new Uint8Array(blockBytes - rest)]
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
