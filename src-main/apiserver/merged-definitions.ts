/** The definitions of all groups under one roof: those that several groups have are of all their kinds. */
import type { Kind } from '../api/define-kind.ts'
import type { JsonSchema } from '../api/schema/openapi/document.ts'

interface Definition {
  readonly name: string
  readonly schema: JsonSchema
  /** The schema of a custom kind, or of the list of one. */
  readonly custom: boolean
}

export interface MergedDefinitions {
  add(schemas: Readonly<Record<string, JsonSchema>>, kinds: readonly Kind[]): void
  /** By name. */
  all(): readonly Definition[]
}

const identities = 'x-kubernetes-group-version-kind'

export function mergedDefinitions(): MergedDefinitions {
  const found = new Map<string, Definition>()
  return {
    add(schemas, kinds) {
      const custom = new Set(
        kinds
          .filter(({ custom }) => custom !== undefined)
          .map(({ group, version, kind }) => nameOf(group, version, kind)),
      )
      for (const [name, schema] of Object.entries(schemas)) {
        const before = found.get(name)
        found.set(name, {
          name,
          schema: before === undefined ? schema : withIdentitiesOf(before.schema, schema),
          custom: custom.has(name) || custom.has(name.replace(/List$/, '')),
        })
      }
    },
    all: () => [...found.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  }
}

const nameOf = (group: string, version: string, kind: string): string =>
  [...group.split('.').toReversed(), version, kind].join('.')

function withIdentitiesOf(schema: JsonSchema, other: JsonSchema): JsonSchema {
  const more = other[identities]
  const own = schema[identities]
  if (!Array.isArray(more) || !Array.isArray(own)) return schema
  const known = new Set(own.map((one) => JSON.stringify(one)))
  const added = more.filter((one) => !known.has(JSON.stringify(one)))
  return added.length === 0 ? schema : { ...schema, [identities]: [...(own as unknown[]), ...(added as unknown[])] }
}
