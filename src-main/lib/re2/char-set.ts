/** Sets of Unicode code points, as character classes name them. */
export type Range = readonly [low: number, high: number]

export interface CharSet {
  /** Sorted, without overlaps. */
  readonly ranges: readonly Range[]
  /** Unicode properties whose characters belong to the set as well; each tests one character. */
  readonly properties: readonly RegExp[]
  readonly negated: boolean
}

export const lastCodePoint = 0x10ffff

export const setOf = (ranges: readonly Range[], properties: readonly RegExp[] = [], negated = false): CharSet => ({
  ranges: merged(ranges),
  properties: withoutRepeats(properties),
  negated,
})

/** An expression may name a property as often as it likes; to test it once is enough. */
export const withoutRepeats = (properties: readonly RegExp[]): readonly RegExp[] =>
  properties.length < 2 ? properties : [...new Map(properties.map((one) => [String(one), one])).values()]

export function inSet({ ranges, properties, negated }: CharSet, codePoint: number): boolean {
  const found =
    inRanges(ranges, codePoint) ||
    (properties.length > 0 && properties.some((one) => one.test(String.fromCodePoint(codePoint))))
  return found !== negated
}

/** By halves: the ranges are sorted, and a client may list very many. */
function inRanges(ranges: readonly Range[], codePoint: number): boolean {
  let from = 0
  let to = ranges.length
  while (from < to) {
    const middle = (from + to) >>> 1
    const range = ranges[middle]
    if (range === undefined || codePoint < range[0]) to = middle
    else if (codePoint > range[1]) from = middle + 1
    else return true
  }
  return false
}

function merged(ranges: readonly Range[]): Range[] {
  const result: Range[] = []
  for (const [low, high] of ranges.toSorted((left, right) => left[0] - right[0])) {
    const last = result.at(-1)
    if (last !== undefined && low <= last[1] + 1) result[result.length - 1] = [last[0], Math.max(last[1], high)]
    else result.push([low, high])
  }
  return result
}

export function inverted(ranges: readonly Range[]): Range[] {
  const result: Range[] = []
  let next = 0
  for (const [low, high] of merged(ranges)) {
    if (low > next) result.push([next, low - 1])
    next = high + 1
  }
  if (next <= lastCodePoint) result.push([next, lastCodePoint])
  return result
}

/** Beyond this many characters of a range only the letters of ASCII are folded. */
const foldedAtMost = 512

/** Letters beyond ASCII whose other case is in it: the long s and the sign for kelvin. */
const strangers: readonly (readonly [letter: number, stranger: number])[] = [
  [0x73, 0x17f],
  [0x53, 0x17f],
  [0x6b, 0x212a],
  [0x4b, 0x212a],
]

/** The ranges with the other case of every letter in them. */
export function withOtherCase(ranges: readonly Range[]): Range[] {
  const more: Range[] = []
  for (const [low, high] of ranges) {
    more.push(...shifted(low, high, 0x41, 0x5a, 32), ...shifted(low, high, 0x61, 0x7a, -32))
    for (const [letter, stranger] of strangers) {
      if (letter >= low && letter <= high) more.push([stranger, stranger])
      if (stranger >= low && stranger <= high) more.push([letter, letter])
    }
    if (high < 0x80 || high - low > foldedAtMost) continue
    for (let codePoint = Math.max(low, 0x80); codePoint <= high; codePoint++) {
      const text = String.fromCodePoint(codePoint)
      for (const other of [text.toLowerCase(), text.toUpperCase()]) {
        const [only = '', ...rest] = other
        if (rest.length === 0 && only !== text) more.push([only.codePointAt(0) ?? 0, only.codePointAt(0) ?? 0])
      }
    }
  }
  return [...ranges, ...more]
}

/** The part of a range that lies within two bounds, moved. */
function shifted(low: number, high: number, from: number, to: number, by: number): Range[] {
  const first = Math.max(low, from)
  const last = Math.min(high, to)
  return first > last ? [] : [[first + by, last + by]]
}

const digits: Range[] = [[0x30, 0x39]]
const upper: Range[] = [[0x41, 0x5a]]
const lower: Range[] = [[0x61, 0x7a]]
export const wordRanges: readonly Range[] = [...digits, ...upper, [0x5f, 0x5f], ...lower]
const spaces: Range[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
]

/** `\d`, `\s`, `\w`. */
export const perlClasses: Readonly<Record<string, readonly Range[]>> = { d: digits, s: spaces, w: wordRanges }

/** `[:alpha:]` and the like, which know ASCII alone. */
export const posixClasses: Readonly<Record<string, readonly Range[]>> = {
  alnum: [...digits, ...upper, ...lower],
  alpha: [...upper, ...lower],
  ascii: [[0, 0x7f]],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: digits,
  graph: [[0x21, 0x7e]],
  lower,
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper,
  word: wordRanges,
  xdigit: [...digits, [0x41, 0x46], [0x61, 0x66]],
}
