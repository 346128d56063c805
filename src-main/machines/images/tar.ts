/** A tar archive (POSIX ustar) in code: the same entries give the same bytes on every machine. */

export interface TarEntry {
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  readonly content?: Uint8Array
  /** Makes a symbolic link. */
  readonly target?: string
  readonly folder?: boolean
}

const blockBytes = 512
const fieldBytes = { path: 100, mode: 8, id: 8, size: 12, time: 12, checksum: 8 }

/** Entries stand in the order given: a folder before what is in it. Throws for paths that ustar cannot hold. */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const entry of entries) {
    const content = entry.content ?? new Uint8Array(0)
    parts.push(header(entry, content.length), content, new Uint8Array(-content.length & (blockBytes - 1)))
  }
  // Two empty blocks end an archive.
  return Buffer.concat([...parts, new Uint8Array(2 * blockBytes)])
}

function header({ path, mode, target, folder }: TarEntry, size: number): Uint8Array {
  const block = Buffer.alloc(blockBytes)
  let offset = 0
  const text = (value: string, length: number): void => {
    const bytes = Buffer.from(value)
    if (bytes.length > length) throw new RangeError(`${value} is too long for a tar header`)
    bytes.copy(block, offset)
    offset += length
  }
  const octal = (value: number, length: number): void =>
    text(`${value.toString(8).padStart(length - 1, '0')}\0`, length)
  text(folder === true ? `${path}/` : path, fieldBytes.path)
  octal(mode, fieldBytes.mode)
  octal(0, fieldBytes.id)
  octal(0, fieldBytes.id)
  octal(size, fieldBytes.size)
  octal(0, fieldBytes.time)
  const checksumOffset = offset
  // The checksum is taken with blanks in its own place.
  text(' '.repeat(fieldBytes.checksum), fieldBytes.checksum)
  text(folder === true ? '5' : target === undefined ? '0' : '2', 1)
  text(target ?? '', fieldBytes.path)
  text('ustar\0' + '00', 8)
  const sum = block.reduce((total, byte) => total + byte, 0)
  offset = checksumOffset
  text(`${sum.toString(8).padStart(6, '0')}\0 `, fieldBytes.checksum)
  return block
}
