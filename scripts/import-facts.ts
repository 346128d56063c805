/**
 * Turns the two raw fact files of a Kubernetes release (OpenAPI names, types and merge semantics; protobuf
 * numbers) into the compact data that the schema engine reads: `src-main/api/schema/data/*.json`.
 *
 * Run once per release: `node scripts/import-facts.ts <folder with openapi-facts.json and protobuf-facts.json>`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface RawField {
  t: string
  req?: 1
  def?: unknown
  list?: string
  keys?: string[]
  map?: string
  patch?: string
  mergeKey?: string
}
interface RawDefinition {
  gvk?: [string, string, string][]
  proto?: string
  fields?: Record<string, RawField>
  type?: string
  format?: string
  mapType?: string
  unions?: unknown
}
interface RawResource {
  group: string
  version: string
  resource: string
  kind: string
  namespaced: boolean
  verbs: string[]
  subresources: Record<string, { kind: string; verbs: string[] }>
}
type Message = Record<string, [number, string]>

const source = process.argv[2]
if (source === undefined) throw new Error('usage: node scripts/import-facts.ts <folder with the fact files>')
const target = join(import.meta.dirname, '../src-main/api/schema/data')
const read = (name: string): unknown => JSON.parse(readFileSync(join(source, name), 'utf8'))
const openapi = read('openapi-facts.json') as { resources: RawResource[]; definitions: Record<string, RawDefinition> }
const { messages } = read('protobuf-facts.json') as { messages: Record<string, Message> }

/** One record a line keeps the data readable in a diff. */
function writeRecords(name: string, records: Record<string, unknown>): void {
  const lines = Object.entries(records).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  writeFileSync(join(target, name), `{\n${lines.join(',\n')}\n}\n`)
}

mkdirSync(target, { recursive: true })
writeRecords('definitions.json', openapi.definitions)
writeFileSync(
  join(target, 'resources.json'),
  `[\n${openapi.resources.map((resource) => JSON.stringify(resource)).join(',\n')}\n]\n`,
)

// Only what a served object can reach travels: internal and retired versions stay out.
const reachable = new Map<string, Message>()
const visit = (name: string): void => {
  const message = messages[name]
  if (message === undefined || reachable.has(name)) return
  reachable.set(name, message)
  for (const [, type] of Object.values(message)) {
    for (const part of type
      .replace(/^repeated /, '')
      .replace(/^map<(.*)>$/, '$1')
      .split(','))
      visit(part.trim())
  }
}
for (const definition of Object.values(openapi.definitions)) if (definition.proto !== undefined) visit(definition.proto)
visit('k8s.io.apimachinery.pkg.runtime.Unknown')
writeRecords('messages.json', Object.fromEntries([...reachable].sort(([a], [b]) => (a < b ? -1 : 1))))
