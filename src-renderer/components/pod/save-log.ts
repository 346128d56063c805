import type { LogChunk } from './log-lines.ts'

/** Saves what the view holds as a text file. */
export function saveLog(pod: string, container: string, chunks: readonly LogChunk[]): void {
  const text = chunks.flatMap(({ lines }) => lines).join('\n')
  const url = URL.createObjectURL(new Blob([text, '\n'], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${pod}-${container}.log`
  link.click()
  URL.revokeObjectURL(url)
}
