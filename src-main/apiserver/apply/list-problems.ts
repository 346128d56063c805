/** What keeps a configuration from being applied: items of lists that nothing, or too little, tells from each other. */
import type { ArraySchema } from '../../api/schema/type-schema.ts'
import { isRecord } from '../patch/merge.ts'
import { keyOf, partOf, partOfField, type Part } from './shape.ts'

/** In the words of the structured merge of Kubernetes, each with the path of its list. */
export function listProblems(value: unknown, { type, atomic }: Part, path = ''): string[] {
  if (atomic || type === undefined) return []
  if (Array.isArray(value)) return type.type === 'array' ? problemsOfList(value, type, path) : []
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, content]) => {
    const field = type.type === 'object' ? type.fields.get(name) : undefined
    const part = field === undefined ? partOf(type.type === 'map' ? type.values : undefined) : partOfField(field)
    return listProblems(content, part, `${path}.${name}`)
  })
}

function problemsOfList(list: readonly unknown[], type: ArraySchema, path: string): string[] {
  const seen = new Set<string>()
  return list.flatMap((item, index) => {
    const key = type.listType === 'set' ? `[=${JSON.stringify(item)}]` : keyText(item, type)
    if (key === undefined)
      return [
        `${path}: element ${index}: associative list with keys has an element that omits all key fields ` +
          `[${type.keys.map((name) => JSON.stringify(name)).join(' ')}] (and doesn't have default values for any key fields)`,
      ]
    const inner = listProblems(item, partOf(type.items), `${path}${key}`)
    if (seen.has(key)) return [`${path}: duplicate entries for key ${key}`, ...inner]
    seen.add(key)
    return inner
  })
}

function keyText(item: unknown, type: ArraySchema): string | undefined {
  const key = keyOf(item, type)
  if (key.length === 0) return undefined
  return `[${key.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}
