/** Writes a tar archive (ustar, with GNU long names): how files reach a worker, many at a time and in one step. */

export type TarEntry = {
  readonly path: string
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
} & (
  | { readonly type: 'directory' }
  | { readonly type: 'file'; readonly content: Uint8Array }
  | { readonly type: 'link'; readonly target: string }
)

const blockBytes = 512
const longNameMark = '././@LongLink'
const typeFlags = { directory: '5', file: '0', link: '2' } as const
const noBytes = new Uint8Array()

/** `modifiedAt` in Unix milliseconds. */
export function tarArchive(entries: readonly TarEntry[], modifiedAt: number): Uint8Array {
  const seconds = Math.floor(modifiedAt / 1000)
  const blocks = entries.flatMap((entry) => entryBlocks(entry, seconds))
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)])
}

function entryBlocks(entry: TarEntry, seconds: number): Uint8Array[] {
  const name = Buffer.from(entry.path.replace(/^\/+/, '') + (entry.type === 'directory' ? '/' : ''))
  const target = Buffer.from(entry.type === 'link' ? entry.target : '')
  const content = entry.type === 'file' ? entry.content : noBytes
  return [
    ...longName(name, 'L'),
    ...longName(target, 'K'),
    header(name, { ...entry, flag: typeFlags[entry.type], size: content.length, seconds, target }),
    ...padded(content),
  ]
}

/** What does not fit in a header goes before it as an entry of its own. */
function longName(name: Buffer, flag: 'L' | 'K'): Uint8Array[] {
  if (name.length <= 100) return []
  const content = Buffer.concat([name, Buffer.alloc(1)])
  const facts = { flag, mode: 0, size: content.length, seconds: 0, target: Buffer.alloc(0) }
  return [header(Buffer.from(longNameMark), facts), ...padded(content)]
}

interface HeaderFacts {
  readonly flag: string
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
  readonly size: number
  readonly seconds: number
  readonly target: Buffer
}

function header(name: Buffer, { flag, mode, uid = 0, gid = 0, size, seconds, target }: HeaderFacts): Uint8Array {
  const block = Buffer.alloc(blockBytes)
  name.copy(block, 0, 0, 100)
  const octal = (value: number, offset: number, length: number): void =>
    void block.write(value.toString(8).padStart(length - 1, '0'), offset, 'ascii')
  octal(mode, 100, 8)
  octal(uid, 108, 8)
  octal(gid, 116, 8)
  octal(size, 124, 12)
  octal(seconds, 136, 12)
  // The checksum counts its own field as spaces.
  block.write('        ', 148, 'ascii')
  block.write(flag, 156, 'ascii')
  target.copy(block, 157, 0, 100)
  block.write('ustar  ', 257, 'ascii')
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii')
  return block
}

function padded(content: Uint8Array): Uint8Array[] {
  const rest = content.length % blockBytes
  return rest === 0 ? [content] : [content, Buffer.alloc(blockBytes - rest)]
}
