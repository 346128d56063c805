/**
 * JSON as Go writes a map: names sorted, and what HTML would read as markup escaped. A text that is compared with what
 * a Go program has written is equal to it only so.
 */
export function goJson(value: unknown): string {
  return escapeMarkup(written(value))
}

/** JSON with what HTML would read as markup escaped. */
export function escapeMarkup(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** By hand, because the names that are whole numbers come first in every object, whatever the order they are set in. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, one]) => one !== undefined)
  const texts = fields.toSorted(byName).map(([name, one]) => `${JSON.stringify(name)}:${written(one)}`)
  return `{${texts.join(',')}}`
}

const byName = ([left]: [string, unknown], [right]: [string, unknown]): number =>
  left < right ? -1 : left > right ? 1 : 0
