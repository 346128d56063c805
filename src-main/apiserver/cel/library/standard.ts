/** The functions of CEL itself that are no conversions. */
import { codePointsOf, compileSearch } from '../../../lib/re2/search.ts'
import type { Meter } from '../evaluation/meter.ts'
import type { MapValue, Value } from '../values/value.ts'
import { global, member, scan, scanBoth, type Overload } from './overload.ts'
import { failing, stateCost } from './regex.ts'

const lengthOf = (text: string): bigint => {
  let length = 0n
  for (const _character of text) length++
  return length
}

/** Found and tested by every name that the size has. */
const sizes: readonly (readonly [string, (value: never) => bigint])[] = [
  ['string', (text: string) => lengthOf(text)],
  ['bytes', (bytes: Uint8Array) => BigInt(bytes.length)],
  ['list<A>', (list: readonly Value[]) => BigInt(list.length)],
  ['map<A, B>', (map: MapValue) => BigInt(map.size)],
]

export const standard: readonly Overload[] = [
  ...sizes.flatMap(([type, run]) => {
    const cost = type === 'string' ? { cost: scan } : {}
    return [global('size', [type], 'int', run, cost), member(type, 'size', [], 'int', run, cost)]
  }),
  member('string', 'contains', ['string'], 'bool', (text: string, part: string) => text.includes(part), {
    cost: scanBoth,
  }),
  member('string', 'startsWith', ['string'], 'bool', (text: string, part: string) => text.startsWith(part), {
    cost: (_text, part = 0) => 1 + 0.1 * part,
  }),
  member('string', 'endsWith', ['string'], 'bool', (text: string, part: string) => text.endsWith(part), {
    cost: (_text, part = 0) => 1 + 0.1 * part,
  }),
  member('string', 'matches', ['string'], 'bool', matches, { cost: scanBoth }),
  global('matches', ['string', 'string'], 'bool', matches, { cost: scanBoth }),
]

function matches(text: string, pattern: string, meter: Meter): boolean {
  const regexp = failing(() => compileSearch(pattern))
  return regexp.test(codePointsOf(text), (states) => meter.charge(states * stateCost))
}
