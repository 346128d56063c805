/** A place in the source of an expression, counted in code points. */
export class Cursor {
  readonly source: string
  readonly characters: readonly string[]
  at = 0

  constructor(source: string) {
    this.source = source
    this.characters = [...source]
  }

  get atEnd(): boolean {
    return this.at >= this.characters.length
  }

  /** The character `ahead` of the place. */
  peek(ahead = 0): string | undefined {
    return this.characters[this.at + ahead]
  }

  next(): string | undefined {
    return this.characters[this.at++]
  }

  /** Goes behind the text, which is ASCII, where it stands here. */
  takes(text: string): boolean {
    for (let offset = 0; offset < text.length; offset++)
      if (this.characters[this.at + offset] !== text[offset]) return false
    this.at += text.length
    return true
  }

  /** Where the character stands next; -1 for nowhere. */
  find(character: string, from = this.at): number {
    return this.characters.indexOf(character, from)
  }

  textFrom(start: number, end = this.at): string {
    return this.characters.slice(start, end).join('')
  }
}
