/** Lists as sets. */
import type { Meter } from '../evaluation/meter.ts'
import { equal } from '../values/equality.ts'
import type { Value } from '../values/value.ts'
import { cross, global, type Overload } from './overload.ts'

type List = readonly Value[]

const has = (list: List, item: Value, meter: Meter): boolean => list.some((other) => equal(other, item, meter))

const contains = (list: List, part: List, meter: Meter): boolean => part.every((item) => has(list, item, meter))
const equivalent = (left: List, right: List, meter: Meter): boolean =>
  contains(left, right, meter) && contains(right, left, meter)
const intersects = (left: List, right: List, meter: Meter): boolean => left.some((item) => has(right, item, meter))

export const setLibrary: readonly Overload[] = [
  global('sets.contains', ['list<A>', 'list<A>'], 'bool', contains, { cost: cross }),
  global('sets.equivalent', ['list<A>', 'list<A>'], 'bool', equivalent, { cost: cross }),
  global('sets.intersects', ['list<A>', 'list<A>'], 'bool', intersects, { cost: cross }),
]
