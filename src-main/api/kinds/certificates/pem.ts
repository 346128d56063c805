/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  readonly type: string
  readonly hasHeaders: boolean
  readonly bytes: Uint8Array
}

const begin = '-----BEGIN '
const end = '\n-----END '

/** The blocks of a text; what stands between them, and what is no whole block, is passed over. */
export function readPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  let at = 0
  let close = -1
  for (;;) {
    at = text.indexOf(begin, at)
    if (at < 0) return blocks
    const lineEnd = text.indexOf('\n', at)
    if (close < lineEnd) close = text.indexOf(end, lineEnd)
    if (lineEnd < 0 || close < 0) return blocks
    const startsLine = at === 0 || text[at - 1] === '\n'
    const type = typeOf(text.slice(at + begin.length, lineEnd))
    const block =
      startsLine && type !== undefined && text.startsWith(`${type}-----`, close + end.length)
        ? blockOf(type, text.slice(lineEnd, close))
        : undefined
    if (block !== undefined) blocks.push(block)
    at = block === undefined ? lineEnd : close + 1
  }
}

function typeOf(rest: string): string | undefined {
  const line = rest.trimEnd()
  return line.endsWith('-----') ? line.slice(0, -5) : undefined
}

function blockOf(type: string, body: string): PemBlock | undefined {
  const lines = body.split('\n')
  const headers = lines.findLastIndex((line) => line.includes(':'))
  const text = lines
    .slice(headers + 1)
    .join('')
    .replace(/\s+/g, '')
  try {
    return { type, hasHeaders: headers >= 0, bytes: Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) }
  } catch {
    // Not base64: no block.
    return undefined
  }
}
