/**
 * Writes `src-main/api/types/*.ts` (one file a group and version) from the schema data.
 * `--check` compares instead of writing and fails when a file is out of date.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'

interface Field {
  t: string
  req?: 1
}
interface Definition {
  gvk?: [string, string, string][]
  fields?: Record<string, Field>
  type?: string
  format?: string
}

const root = join(import.meta.dirname, '..')
const target = join(root, 'src-main/api/types')
const readDefinitions = (name: string): Record<string, Definition> =>
  JSON.parse(readFileSync(join(root, 'src-main/api/schema/data', name), 'utf8')) as Record<string, Definition>
const definitions = { ...readDefinitions('definitions.json'), ...readDefinitions('orrery-definitions.json') }

/** `io.k8s.api.core.v1.Pod` lives in `core-v1.ts` as `Pod`. */
function placeOf(name: string): { file: string; type: string } {
  const parts = name.split('.')
  const type = parts[parts.length - 1] ?? name
  const version = parts[parts.length - 2] ?? ''
  const group = parts[parts.length - 3] ?? ''
  return /^v\d/.test(version) ? { file: `${group}-${version}`, type } : { file: 'scalars', type }
}

/** Types whose JSON form is not an object, or is any value. */
const scalars: Record<string, string> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'number | string',
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'string',
}

const files = new Map<string, { body: string[]; imports: Map<string, Set<string>> }>()
const fileOf = (name: string): { body: string[]; imports: Map<string, Set<string>> } => {
  const found = files.get(name) ?? { body: [], imports: new Map<string, Set<string>>() }
  files.set(name, found)
  return found
}

function typeText(t: string, from: string): string {
  if (t.startsWith('[')) return `${wrap(typeText(t.slice(1, -1), from))}[]`
  if (t.startsWith('{')) return `Record<string, ${typeText(t.slice(1, -1), from)}>`
  const scalar = t.split(':')[0]
  if (scalar === 'string' || scalar === 'boolean') return scalar
  if (scalar === 'integer' || scalar === 'number') return 'number'
  if (definitions[t] === undefined) return t === 'object' ? 'Record<string, unknown>' : 'unknown'
  const place = placeOf(t)
  if (place.file !== from) {
    const imports = fileOf(from).imports
    const names = imports.get(place.file) ?? new Set<string>()
    imports.set(place.file, names.add(place.type))
  }
  return place.type
}
const wrap = (text: string): string => (text.includes(' ') ? `(${text})` : text)

for (const [name, definition] of Object.entries(definitions)) {
  const { file, type } = placeOf(name)
  const out = fileOf(file).body
  if (definition.fields === undefined) {
    out.push(`export type ${type} = ${scalars[name] ?? 'unknown'}\n`)
    continue
  }
  const lines = Object.entries(definition.fields).map(([field, { t, req }]) => {
    const key = /^[A-Za-z_]\w*$/.test(field) ? field : JSON.stringify(field)
    const topLevel = definition.gvk !== undefined
    const optional = req === undefined && !(topLevel && field === 'items')
    return `  ${key}${optional ? '?' : ''}: ${typeText(t, file)}`
  })
  out.push(
    lines.length === 0
      ? `export type ${type} = Record<string, never>\n`
      : `export interface ${type} {\n${lines.join('\n')}\n}\n`,
  )
}

const options = JSON.parse(readFileSync(join(root, '.prettierrc.json'), 'utf8')) as Record<string, unknown>
const check = process.argv.includes('--check')
const stale: string[] = []
if (!check) {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
}
for (const [name, { body, imports }] of files) {
  const head = [...imports].map(
    ([file, names]) => `import type { ${[...names].sort().join(', ')} } from './${file}.ts'`,
  )
  const text = `// Generated from the schema data by scripts/generate-types.ts; do not edit.\n${head.join('\n')}\n\n${body.join('\n')}`
  const formatted = await format(text, { ...options, parser: 'typescript' })
  const path = join(target, `${name}.ts`)
  if (!check) writeFileSync(path, formatted)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== formatted) stale.push(path)
}
if (check) for (const file of readdirSync(target)) if (!files.has(file.replace(/\.ts$/, ''))) stale.push(file)
if (stale.length > 0) {
  console.error(`out of date, run "npm run generate":\n  ${stale.join('\n  ')}`)
  process.exitCode = 1
}
