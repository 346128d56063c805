/**
 * Keys are ordered by UTF-16 code unit, SQLite orders text by code point. The two differ only where surrogates are
 * involved, so each surrogate is written as U+D7FF and a character that keeps its place; U+D7FF itself, which no
 * language uses, is written the same way.
 */
const escape = '\ud7ff'
const escapeUnit = 0xd7ff

/** The text that stands for a key in the file. A key's prefix becomes a prefix of its text. */
export function textOfKey(key: string): string {
  return /[\ud7ff-\udfff]/.test(key)
    ? key.replace(/[\ud7ff-\udfff]/g, (unit) => escape + String.fromCharCode(unit.charCodeAt(0) - escapeUnit + 1))
    : key
}

export function keyOfText(text: string): string {
  return text.includes(escape)
    ? text.replace(/\ud7ff(.)/gs, (_, mark: string) => String.fromCharCode(mark.charCodeAt(0) - 1 + escapeUnit))
    : text
}

/** Greater than every text with this prefix: no text holds a character beyond U+FFFF. */
export function endOfPrefix(prefixText: string): string {
  return `${prefixText}\u{10ffff}`
}
