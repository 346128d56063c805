/** Beyond this the text is not looked at: JSON.parse itself would refuse it or the depth is an attack. */
const maximumDepth = 1000
/** More would only make the answer longer. */
const maximumProblems = 100

const quote = 0x22
const backslash = 0x5c

/**
 * Paths of fields that a JSON text sets more than once, such as `spec.replicas` or `spec.containers[0].image`, each
 * once, in the order of the document. `JSON.parse` silently takes the last, so only the text can tell. Expects a text
 * that `JSON.parse` accepts.
 */
export function duplicateFields(text: string): readonly string[] {
  const scan = new Scan(text)
  scan.value('', 0)
  return scan.duplicates
}

/** The words of strict field validation, which also serve as warnings. */
export function duplicateFieldText(path: string): string {
  return `duplicate field ${JSON.stringify(path)}`
}

class Scan {
  readonly duplicates: string[] = []
  readonly #text: string
  #at = 0
  #backslash = -1

  constructor(text: string) {
    this.#text = text
  }

  value(path: string, depth: number): void {
    this.#skipSpace()
    const code = this.#text.charCodeAt(this.#at)
    if (code === quote) this.#skipText()
    else if (code === 0x7b && depth < maximumDepth) this.#object(path, depth)
    else if (code === 0x5b && depth < maximumDepth) this.#array(path, depth)
    else this.#skipLiteral()
  }

  #object(path: string, depth: number): void {
    this.#at++
    const names = new Set<string>()
    while (this.#next() && this.#text.charCodeAt(this.#at) === quote) {
      const name = this.#name()
      const inner = path === '' ? name : `${path}.${name}`
      if (names.has(name)) this.#report(inner)
      names.add(name)
      this.#skipSpace()
      // The colon.
      this.#at++
      this.value(inner, depth + 1)
    }
    this.#at++
  }

  #array(path: string, depth: number): void {
    this.#at++
    for (let index = 0; this.#next() && this.#text.charCodeAt(this.#at) !== 0x5d; index++) {
      this.value(`${path}[${index}]`, depth + 1)
    }
    this.#at++
  }

  #report(path: string): void {
    if (this.duplicates.length < maximumProblems && !this.duplicates.includes(path)) this.duplicates.push(path)
  }

  /** Moves to the next name, item or closing bracket; false at the end of the text. */
  #next(): boolean {
    this.#skipSpace()
    if (this.#text.charCodeAt(this.#at) === 0x2c) {
      this.#at++
      this.#skipSpace()
    }
    return this.#at < this.#text.length
  }

  #skipSpace(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    }
  }

  #name(): string {
    const start = this.#at
    const escaped = this.#skipText()
    const raw = this.#text.slice(start, this.#at)
    // Two spellings of a name are one name.
    return escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1)
  }

  /** Passes over a text and tells whether it has escapes. */
  #skipText(): boolean {
    const end = this.#text.indexOf('"', this.#at + 1)
    if (end !== -1 && end < this.#nextBackslash()) {
      this.#at = end + 1
      return false
    }
    let escaped = false
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === quote) break
      if (code === backslash) {
        escaped = true
        this.#at++
      }
    }
    this.#at++
    return escaped
  }

  /** Looked for once for all texts before it, or a document of many texts would be read as many times. */
  #nextBackslash(): number {
    if (this.#backslash >= this.#at) return this.#backslash
    const at = this.#text.indexOf('\\', this.#at)
    return (this.#backslash = at === -1 ? Infinity : at)
  }

  /** Passes over a number, true, false or null. Always moves, so that a scan ends whatever the text. */
  #skipLiteral(): void {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === 0x2c || code === 0x7d || code === 0x5d || code <= 0x20) return
    }
  }
}
