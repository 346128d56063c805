/** The lists library of Kubernetes. */
import { EvaluationError, noSuchOverload } from '../errors.ts'
import type { Meter } from '../evaluation/meter.ts'
import { compare, equal } from '../values/equality.ts'
import { Duration } from '../values/time.ts'
import { Uint } from '../values/uint.ts'
import type { Value } from '../values/value.ts'
import { checkedInt, checkedUint } from './operators.ts'
import { member, type Cost, type Overload } from './overload.ts'

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']
const perItem: Cost = (size = 0) => 1 + size

function order(left: Value, right: Value): number {
  const found = compare(left, right)
  if (found === undefined) throw noSuchOverload()
  return found
}

const isSorted = (list: readonly Value[]): boolean =>
  list.every((item, index) => index === 0 || order(list[index - 1] ?? null, item) <= 0)

function extreme(name: 'min' | 'max', list: readonly Value[]): Value {
  const [first, ...rest] = list
  if (first === undefined) throw new EvaluationError(`${name} called on empty list`)
  const wanted = name === 'min' ? -1 : 1
  return rest.reduce<Value>((best, item) => (Math.sign(order(item, best)) === wanted ? item : best), first)
}

function indexOf(list: readonly Value[], item: Value, meter: Meter): bigint {
  return BigInt(list.findIndex((other) => equal(other, item, meter)))
}

function lastIndexOf(list: readonly Value[], item: Value, meter: Meter): bigint {
  return BigInt(list.findLastIndex((other) => equal(other, item, meter)))
}

/** What an empty list adds up to depends on its type alone. */
const zeros: Readonly<Record<string, Value>> = { int: 0n, uint: new Uint(0n), double: 0, duration: new Duration(0n) }

function sum(list: readonly Value[], zero: Value): Value {
  const [first, ...rest] = list
  return first === undefined ? zero : rest.reduce(plus, first)
}

function plus(left: Value, right: Value): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint') return checkedInt(left + right)
  if (typeof left === 'number' && typeof right === 'number') return left + right
  if (left instanceof Uint && right instanceof Uint) return checkedUint(left.value + right.value)
  if (left instanceof Duration && right instanceof Duration) return new Duration(left.nanos + right.nanos)
  throw noSuchOverload()
}

export const listLibrary: readonly Overload[] = [
  ...comparable.flatMap((type) => [
    member(`list<${type}>`, 'isSorted', [], 'bool', isSorted, { cost: perItem }),
    member(`list<${type}>`, 'min', [], type, (list: readonly Value[]) => extreme('min', list), { cost: perItem }),
    member(`list<${type}>`, 'max', [], type, (list: readonly Value[]) => extreme('max', list), { cost: perItem }),
  ]),
  ...Object.entries(zeros).map(([type, zero]) =>
    member(`list<${type}>`, 'sum', [], type, (list: readonly Value[]) => sum(list, zero), { cost: perItem }),
  ),
  member('list<A>', 'indexOf', ['A'], 'int', indexOf, { cost: perItem }),
  member('list<A>', 'lastIndexOf', ['A'], 'int', lastIndexOf, { cost: perItem }),
]
