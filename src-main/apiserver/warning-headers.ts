import type { HeaderValues } from './encoded-response.ts'

/** So many characters of warnings a response carries, as those of Kubernetes do … */
const mostInAll = 4096
/** … and of each so many, once they are more. */
const mostOfEach = 256

/**
 * `Warning` headers. Control characters would break the header and quotes its syntax; text beyond Latin-1 goes out as
 * UTF-8 bytes, which is how clients read it.
 */
export function warningHeaders(warnings: readonly string[]): HeaderValues {
  if (warnings.length === 0) return {}
  return { warning: fitting(new Set(warnings)).map((text) => `299 - "${encoded(text)}"`) }
}

const encoded = (text: string): string => {
  const printable = text.replace(/[\u0000-\u001f\u007f]+/g, ' ')
  return Buffer.from(printable.replace(/["\\]/g, '\\$&')).toString('latin1')
}

function fitting(warnings: ReadonlySet<string>): string[] {
  const whole: string[] = []
  let length = 0
  for (const text of warnings) {
    length += lengthOf(text)
    if (length > mostInAll) return shortened(warnings)
    whole.push(text)
  }
  return whole
}

function shortened(warnings: Iterable<string>): string[] {
  const short: string[] = []
  let length = 0
  for (const text of warnings) {
    if (length >= mostInAll) break
    // More units than characters, but never half of one.
    const cut = [...text.slice(0, 2 * mostOfEach)].slice(0, mostOfEach).join('')
    length += lengthOf(cut)
    short.push(cut)
  }
  return short
}

/** In characters: what is beyond the limit by its units alone need not be counted. */
const lengthOf = (text: string): number => (text.length > 2 * mostInAll ? text.length : [...text].length)
