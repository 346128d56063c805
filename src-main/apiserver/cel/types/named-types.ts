/** Types that expressions can name, to compare with `type(x)`. */
import {
  bool,
  bytes,
  double,
  duration,
  dyn,
  int,
  listOf,
  mapOf,
  nullType,
  string,
  timestamp,
  uint,
  type Type,
} from './type.ts'

export const namedTypes: ReadonlyMap<string, { readonly type: Type; readonly text: string }> = new Map<
  string,
  { type: Type; text: string }
>([
  ['bool', { type: bool, text: 'bool' }],
  ['bytes', { type: bytes, text: 'bytes' }],
  ['double', { type: double, text: 'double' }],
  ['int', { type: int, text: 'int' }],
  ['uint', { type: uint, text: 'uint' }],
  ['string', { type: string, text: 'string' }],
  ['list', { type: listOf(dyn), text: 'list' }],
  ['map', { type: mapOf(dyn, dyn), text: 'map' }],
  ['null_type', { type: nullType, text: 'null_type' }],
  ['type', { type: { kind: 'type', of: undefined }, text: 'type' }],
  ['google.protobuf.Timestamp', { type: timestamp, text: 'google.protobuf.Timestamp' }],
  ['google.protobuf.Duration', { type: duration, text: 'google.protobuf.Duration' }],
  ['net.IP', { type: { kind: 'opaque', name: 'net.IP' }, text: 'net.IP' }],
  ['net.CIDR', { type: { kind: 'opaque', name: 'net.CIDR' }, text: 'net.CIDR' }],
  ['kubernetes.Quantity', { type: { kind: 'opaque', name: 'kubernetes.Quantity' }, text: 'kubernetes.Quantity' }],
  ['kubernetes.URL', { type: { kind: 'opaque', name: 'kubernetes.URL' }, text: 'kubernetes.URL' }],
  ['kubernetes.Semver', { type: { kind: 'opaque', name: 'kubernetes.Semver' }, text: 'kubernetes.Semver' }],
])
