/** Optional values. `or` and `orValue` are planned with the operators, since they work out only what counts. */
import { EvaluationError, noSuchOverload } from '../errors.ts'
import { Duration, Timestamp } from '../values/time.ts'
import { Uint } from '../values/uint.ts'
import { isList, MapValue, none, OptionalValue, type Value } from '../values/value.ts'
import { global, member, type Overload } from './overload.ts'

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true
  if (isList(value) || value instanceof Uint8Array) return value.length === 0
  if (value instanceof MapValue) return value.size === 0
  if (value instanceof Uint) return value.value === 0n
  return (value instanceof Duration || value instanceof Timestamp) && value.nanos === 0n
}

const planned = (): Value => {
  throw noSuchOverload()
}

export const optionalLibrary: readonly Overload[] = [
  global('optional.of', ['A'], 'optional<A>', (value: Value) => new OptionalValue(value)),
  global('optional.ofNonZeroValue', ['A'], 'optional<A>', (value: Value) =>
    isZero(value) ? none : new OptionalValue(value),
  ),
  global('optional.none', [], 'optional<A>', () => none),
  member('optional<A>', 'hasValue', [], 'bool', ({ value }: OptionalValue) => value !== undefined),
  member('optional<A>', 'value', [], 'A', ({ value }: OptionalValue) => {
    if (value === undefined) throw new EvaluationError('optional.none() dereference')
    return value
  }),
  member('optional<A>', 'or', ['optional<A>'], 'optional<A>', planned),
  member('optional<A>', 'orValue', ['A'], 'A', planned),
]
