/** Types as libraries write them down: `list<string>`, `map<K, V>`, `optional<T>`, `kubernetes.URL`. */
import {
  bool,
  bytes,
  double,
  duration,
  dyn,
  int,
  nullType,
  opaque,
  string,
  timestamp,
  uint,
  type Type,
} from './type.ts'

const plain: ReadonlyMap<string, Type> = new Map<string, Type>([
  ...[bool, int, uint, double, string, bytes, timestamp, duration, dyn].map((type): [string, Type] => [
    type.kind,
    type,
  ]),
  ['null', nullType],
  ['type', { kind: 'type', of: undefined }],
])

/** Throws for a text that is no type: libraries are code. A single capital letter is a parameter. */
export function parseType(text: string): Type {
  const known = plain.get(text)
  if (known !== undefined) return known
  if (/^[A-Z]$/.test(text)) return { kind: 'parameter', name: text }
  const generic = /^(list|map|optional)<(.+)>$/.exec(text)
  if (generic === null) {
    if (!/^[a-zA-Z]+\.[a-zA-Z.]+$/.test(text)) throw new Error(`no type: ${text}`)
    return opaque(text)
  }
  const [, name, inner = ''] = generic
  if (name === 'list') return { kind: 'list', element: parseType(inner) }
  if (name === 'optional') return { kind: 'optional', element: parseType(inner) }
  const comma = inner.indexOf(',')
  return { kind: 'map', key: parseType(inner.slice(0, comma)), value: parseType(inner.slice(comma + 1).trim()) }
}
