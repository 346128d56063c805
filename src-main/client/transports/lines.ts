/** The non-empty lines of a UTF-8 byte stream, wherever its chunks are cut. A last line without an end counts too. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  // Pieces of a line that spans many chunks are joined once, so that a long line costs no more than its length.
  let pieces: string[] = []
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n')
    pieces.push(parts.shift() ?? '')
    for (const part of parts) {
      const line = pieces.join('')
      if (line !== '') yield line
      pieces = [part]
    }
  }
  const rest = pieces.join('') + decoder.decode()
  if (rest !== '') yield rest
}
