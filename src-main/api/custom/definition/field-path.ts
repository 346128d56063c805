import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts'
import { isSchema } from '../read-schema.ts'

export type FieldPath =
  | { readonly problem: string }
  | { readonly problem: undefined; readonly names: readonly string[]; readonly schema: JSONSchemaProps }

const nowhere: FieldPath = { problem: 'does not refer to a valid field' }
const cut: FieldPath = { problem: 'unexpected end of JSON path' }

/** Follows a path of fields (`.spec.size`) and, where they are allowed, keys (`['a.b']`) through a schema. */
export function followFieldPath(path: string, root: JSONSchemaProps, allowsKeys: boolean): FieldPath {
  const tokens = path.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/g) ?? []
  const names: string[] = []
  let schema = root
  for (let at = 0; at < tokens.length; at++) {
    const opening = tokens[at]
    if (opening !== '.' && opening !== '[') return { problem: `expected [ or . but got: ${opening}` }
    if (opening === '[' && !allowsKeys) return { problem: 'array notation is not allowed' }
    const token = tokens[++at]
    if (token === undefined) return cut
    if (opening === '[' && !/^'.*'$/s.test(token)) return { problem: `expected single quoted string but got ${token}` }
    const name = opening === '[' ? token.slice(1, -1).replace(/\\(.)/gs, '$1') : token
    const next = fieldOf(schema, name)
    if (next === undefined) return nowhere
    names.push(name)
    schema = next
    if (opening === '.') continue
    const closing = tokens[++at]
    if (closing === undefined) return cut
    if (closing !== ']') return { problem: `expected ] but got ${closing}` }
  }
  return { problem: undefined, names, schema }
}

function fieldOf({ properties, additionalProperties }: JSONSchemaProps, name: string): JSONSchemaProps | undefined {
  if (properties !== undefined) return Object.hasOwn(properties, name) ? properties[name] : undefined
  return isSchema(additionalProperties) ? additionalProperties : undefined
}
