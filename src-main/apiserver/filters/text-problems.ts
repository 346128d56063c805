/** What only the text of a body shows: fields that it sets more than once. */
import { isMap, isScalar, visit } from 'yaml'
import { duplicateFields, duplicateFieldText } from '../../api/schema/duplicate-fields.ts'
import { readYaml } from '../yaml.ts'

export interface TextProblems {
  /** One for each, as a client is warned. */
  readonly warnings: readonly string[]
  /** As strict validation tells of them. */
  readonly errors: readonly string[]
}

export const noProblems: TextProblems = { warnings: [], errors: [] }

export function jsonProblems(text: string): TextProblems {
  const texts = duplicateFields(text).map(duplicateFieldText)
  return { warnings: texts, errors: texts }
}

/** More would only make the answer longer. */
const maximumProblems = 100

export function yamlProblems(text: string): TextProblems {
  // Most of what comes as YAML is JSON without a fault, which is seen much faster.
  if (isFaultlessJson(text)) return noProblems
  const { document, lines } = readYaml(text)
  if (document === undefined) return noProblems
  const texts: string[] = []
  visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>()
      for (const { key } of isMap(map) ? map.items : []) {
        if (!isScalar(key)) continue
        const line = lines.linePos(key.range?.[0] ?? 0).line
        if (seen.has(key.value)) texts.push(`line ${line}: key ${JSON.stringify(key.value)} already set in map`)
        seen.add(key.value)
      }
      return texts.length < maximumProblems ? undefined : visit.BREAK
    },
  })
  return texts.length === 0
    ? noProblems
    : { warnings: texts, errors: [`yaml: unmarshal errors:\n  ${texts.join('\n  ')}`] }
}

function isFaultlessJson(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false
  try {
    JSON.parse(text)
  } catch {
    // It is YAML then, or nothing, which its own reader tells.
    return false
  }
  return jsonProblems(text).warnings.length === 0
}
