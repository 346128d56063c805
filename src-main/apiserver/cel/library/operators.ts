/** The operators of CEL. */
import { EvaluationError, noSuchOverload } from '../errors.ts'
import type { Meter } from '../evaluation/meter.ts'
import { compare, equal } from '../values/equality.ts'
import { Duration, Timestamp } from '../values/time.ts'
import { Uint } from '../values/uint.ts'
import { identityOf, MapValue, none, OptionalValue, withIdentity, type Value } from '../values/value.ts'
import { global, scanBoth, type Overload } from './overload.ts'

const largestInt = 2n ** 63n - 1n
const largestUint = 2n ** 64n - 1n

/** Throws EvaluationError when the number needs more than 64 bits. */
export function checkedInt(value: bigint): bigint {
  if (value > largestInt || value < -largestInt - 1n) throw new EvaluationError('integer overflow')
  return value
}

export function checkedUint(value: bigint): Uint {
  if (value > largestUint || value < 0n) throw new EvaluationError('unsigned integer overflow')
  return new Uint(value)
}

type IntegerOperation = (left: bigint, right: bigint) => bigint

const integerOperations: Readonly<Record<string, IntegerOperation>> = {
  '_+_': (left, right) => left + right,
  '_-_': (left, right) => left - right,
  '_*_': (left, right) => left * right,
  '_/_': (left, right) => left / nonZero(right, 'division by zero'),
  '_%_': (left, right) => left % nonZero(right, 'modulus by zero'),
}

function nonZero(value: bigint, problem: string): bigint {
  if (value === 0n) throw new EvaluationError(problem)
  return value
}

const integers = Object.entries(integerOperations).flatMap(([name, calculate]) => [
  global(name, ['int', 'int'], 'int', (left: bigint, right: bigint) => checkedInt(calculate(left, right))),
  global(name, ['uint', 'uint'], 'uint', (left: Uint, right: Uint) => checkedUint(calculate(left.value, right.value))),
])

const doubles = [
  global('_+_', ['double', 'double'], 'double', (left: number, right: number) => left + right),
  global('_-_', ['double', 'double'], 'double', (left: number, right: number) => left - right),
  global('_*_', ['double', 'double'], 'double', (left: number, right: number) => left * right),
  global('_/_', ['double', 'double'], 'double', (left: number, right: number) => left / right),
  global('-_', ['int'], 'int', (value: bigint) => checkedInt(-value)),
  global('-_', ['double'], 'double', (value: number) => -value),
]

const joins = [
  global('_+_', ['string', 'string'], 'string', (left: string, right: string) => left + right, { cost: scanBoth }),
  global('_+_', ['bytes', 'bytes'], 'bytes', (left: Uint8Array, right: Uint8Array) => Buffer.concat([left, right]), {
    cost: scanBoth,
  }),
  global('_+_', ['list<A>', 'list<A>'], 'list<A>', concatenated, { cost: scanBoth }),
]

const times = [
  global(
    '_+_',
    ['timestamp', 'duration'],
    'timestamp',
    (left: Timestamp, right: Duration) => new Timestamp(left.nanos + right.nanos),
  ),
  global(
    '_+_',
    ['duration', 'timestamp'],
    'timestamp',
    (left: Duration, right: Timestamp) => new Timestamp(left.nanos + right.nanos),
  ),
  global(
    '_+_',
    ['duration', 'duration'],
    'duration',
    (left: Duration, right: Duration) => new Duration(left.nanos + right.nanos),
  ),
  global(
    '_-_',
    ['timestamp', 'timestamp'],
    'duration',
    (left: Timestamp, right: Timestamp) => new Duration(left.nanos - right.nanos),
  ),
  global(
    '_-_',
    ['timestamp', 'duration'],
    'timestamp',
    (left: Timestamp, right: Duration) => new Timestamp(left.nanos - right.nanos),
  ),
  global(
    '_-_',
    ['duration', 'duration'],
    'duration',
    (left: Duration, right: Duration) => new Duration(left.nanos - right.nanos),
  ),
]

/** A list that is a set grows by what it lacks; one whose items have keys replaces those that it has. */
function concatenated(left: readonly Value[], right: readonly Value[], meter: Meter): readonly Value[] {
  const identity = identityOf(left)
  if (identity === undefined) return [...left, ...right]
  const same = (one: Value, other: Value): boolean => {
    if (identity === 'set') return equal(one, other, meter)
    if (!(one instanceof MapValue) || !(other instanceof MapValue)) return false
    return identity.every((key) => equal(one.get(key) ?? null, other.get(key) ?? null, meter))
  }
  const replaced = left.map((item) => right.find((other) => same(item, other)) ?? item)
  const added = right.filter((other) => !left.some((item) => same(item, other)))
  return withIdentity([...replaced, ...added], identity)
}

const numbers = ['int', 'uint', 'double']
const ordered = ['bool', 'string', 'bytes', 'timestamp', 'duration']
const orderedPairs = [
  ...ordered.map((type): [string, string] => [type, type]),
  ...numbers.flatMap((left) => numbers.map((right): [string, string] => [left, right])),
]
const orders: Readonly<Record<string, (order: number) => boolean>> = {
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
}

const comparisons = Object.entries(orders).flatMap(([name, decide]) =>
  orderedPairs.map((types) =>
    global(
      name,
      types,
      'bool',
      (left: Value, right: Value) => {
        const order = compare(left, right)
        if (order === undefined) throw noSuchOverload()
        return decide(order)
      },
      { cost: (left = 0, right = 0) => 1 + 0.1 * Math.min(left, right) },
    ),
  ),
)

const equality = [
  global('_==_', ['A', 'A'], 'bool', (left: Value, right: Value, meter: Meter) => equal(left, right, meter)),
  global('_!=_', ['A', 'A'], 'bool', (left: Value, right: Value, meter: Meter) => !equal(left, right, meter)),
]

const membership = [
  global(
    '@in',
    ['A', 'list<A>'],
    'bool',
    (item: Value, list: readonly Value[], meter: Meter) => list.some((other) => equal(item, other, meter)),
    { cost: (_item, size = 0) => 1 + size },
  ),
  global('@in', ['A', 'map<A, B>'], 'bool', (key: Value, map: MapValue) => map.get(key) !== undefined),
]

function itemAt(list: readonly Value[], index: Value): Value {
  const item = list[positionOf(index)]
  if (item === undefined) throw new EvaluationError(`index out of bounds: ${indexText(index)}`)
  return item
}

const indexText = (index: Value): string => (index instanceof Uint ? String(index.value) : String(index))

function positionOf(index: Value): number {
  if (index instanceof Uint) return Number(index.value)
  return typeof index === 'bigint' || typeof index === 'number' ? Number(index) : -1
}

function valueAt(map: MapValue, key: Value): Value {
  const value = map.get(key)
  if (value === undefined) throw new EvaluationError(`no such key: ${indexText(key)}`)
  return value
}

const optionalFrom = (value: Value | undefined): OptionalValue =>
  value === undefined ? none : new OptionalValue(value)

const optionalAt = (optional: OptionalValue, key: Value): OptionalValue => {
  const { value } = optional
  if (value === undefined) return none
  if (value instanceof MapValue) return optionalFrom(value.get(key))
  if (Array.isArray(value)) return optionalFrom((value as readonly Value[])[positionOf(key)])
  throw noSuchOverload()
}

const indexing = [
  global('_[_]', ['list<A>', 'int'], 'A', itemAt),
  global('_[_]', ['map<A, B>', 'A'], 'B', valueAt),
  global('_[_]', ['optional<list<A>>', 'int'], 'optional<A>', optionalAt),
  global('_[_]', ['optional<map<A, B>>', 'A'], 'optional<B>', optionalAt),
  global('_[?_]', ['list<A>', 'int'], 'optional<A>', (list: readonly Value[], index: bigint) =>
    optionalFrom(list[Number(index)]),
  ),
  global('_[?_]', ['map<A, B>', 'A'], 'optional<B>', (map: MapValue, key: Value) => optionalFrom(map.get(key))),
  global('_[?_]', ['optional<list<A>>', 'int'], 'optional<A>', optionalAt),
  global('_[?_]', ['optional<map<A, B>>', 'A'], 'optional<B>', optionalAt),
]

/** What is planned, not called: only the arguments that count are worked out. */
const never = (): Value => {
  throw noSuchOverload()
}

const logic = [
  global('_&&_', ['bool', 'bool'], 'bool', never),
  global('_||_', ['bool', 'bool'], 'bool', never),
  global('_?_:_', ['bool', 'A', 'A'], 'A', never),
  global('!_', ['bool'], 'bool', (value: boolean) => !value),
]

export const operators: readonly Overload[] = [
  ...logic,
  ...equality,
  ...comparisons,
  ...integers,
  ...doubles,
  ...joins,
  ...times,
  ...membership,
  ...indexing,
]
