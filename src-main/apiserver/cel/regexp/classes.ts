/** Classes of characters. */
import { RegexpError, type CharacterTest } from './node.ts'

export type Range = readonly [from: number, to: number]

const between = (...pairs: readonly string[]): readonly Range[] =>
  pairs.map((pair): Range => [pair.charCodeAt(0), pair.charCodeAt(1)])

const digits = between('09')
const words = between('09', 'AZ', 'az', '__')
const spaces: readonly Range[] = [
  [9, 10],
  [12, 13],
  [32, 32],
]

/** `\d`, `\w`, `\s`; in upper case they are negated. */
export const perlClasses: Readonly<Record<string, readonly Range[]>> = { d: digits, w: words, s: spaces }

/** `[[:alpha:]]` and the like. */
export const posixClasses: Readonly<Record<string, readonly Range[]>> = {
  alnum: between('09', 'AZ', 'az'),
  alpha: between('AZ', 'az'),
  ascii: [[0, 127]],
  blank: between('\t\t', '  '),
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: digits,
  graph: between('!~'),
  lower: between('az'),
  print: between(' ~'),
  punct: between('!/', ':@', '[`', '{~'),
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: between('AZ'),
  word: words,
  xdigit: between('09', 'AF', 'af'),
}

export const inRanges =
  (ranges: readonly Range[]): CharacterTest =>
  (code) =>
    ranges.some(([from, to]) => code >= from && code <= to)

export const isWord = inRanges(words)

/** A category or a script of Unicode. Throws RegexpError for one that is unknown. */
export function unicodeClass(name: string): CharacterTest {
  if (!/^[A-Za-z_]+$/.test(name)) throw new RegexpError(`invalid character class range: \\p{${name}}`)
  const property = name.length <= 2 ? name : `Script=${name}`
  try {
    const pattern = new RegExp(`^\\p{${property}}$`, 'u')
    return (code) => pattern.test(String.fromCodePoint(code))
  } catch (cause) {
    throw Object.assign(new RegexpError(`invalid character class range: \\p{${name}}`), { cause })
  }
}

/** The test with characters of the other case taken for the same. */
export function foldingCase(test: CharacterTest): CharacterTest {
  return (code) => {
    if (test(code)) return true
    const text = String.fromCodePoint(code)
    const [lower, upper] = [text.toLowerCase().codePointAt(0), text.toUpperCase().codePointAt(0)]
    return (lower !== undefined && test(lower)) || (upper !== undefined && test(upper))
  }
}
