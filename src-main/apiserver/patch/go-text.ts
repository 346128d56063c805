/** A JSON value as Go prints it, which is how the API server shows a strategic patch in its errors. */
export function goText(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value as object).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `map[${entries.map(([name, one]) => `${name}:${goText(one)}`).join(' ')}]`
}

/** The type that Go decodes a JSON value to, in Go's words. */
export function goType(value: unknown): string {
  if (value === null) return '%!s(<nil>)'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'map[string]interface {}' : typeof value
}
