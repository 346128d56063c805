/** `/openapi/v3`: an index of documents, one per group and version, each under an address that changes with its content. */
import { createHash } from 'node:crypto'
import type { Kind } from '../api/define-kind.ts'
import { openApiV2, openApiV2Json } from '../api/schema/openapi-v2.ts'
import { customSchemaOf } from './custom/published-schema.ts'
import { sameKinds } from './discovery.ts'

/** The document of one group and version; `group` is empty for the core group. */
export type OpenApiBuilder = (group: string, version: string, kinds: readonly Kind[]) => object

export interface OpenApiDocument {
  readonly bytes: Uint8Array
  readonly hash: string
}

export interface OpenApiDocuments {
  /** The index as JSON. */
  index(): Uint8Array
  /** `name` is `api/v1` or `apis/<group>/<version>`; undefined when there is none. */
  document(name: string): OpenApiDocument | undefined
  /** The one document of version 2, of custom kinds alone. */
  v2(form: OldForm): Uint8Array
}

export type OldForm = 'json' | 'protobuf'

/** Documents are made on first use and kept until their kinds change. The index names the hash of each, so it makes them all. */
export function createOpenApiDocuments(
  kinds: () => readonly Kind[],
  build: OpenApiBuilder,
  others: () => ReadonlyMap<string, string> = () => new Map(),
): OpenApiDocuments {
  let served: readonly Kind[] = []
  let byName = new Map<string, readonly Kind[]>()
  const documents = new Map<string, OpenApiDocument>()
  const old = new Map<OldForm, Uint8Array>()

  const refresh = (): void => {
    const now = kinds()
    if (sameKinds(now, served)) return
    const before = byName
    byName = Map.groupBy(now, ({ group, version }) => (group === '' ? `api/${version}` : `apis/${group}/${version}`))
    served = now
    old.clear()
    for (const [name, old] of before) {
      if (sameKinds(old, byName.get(name) ?? [])) continue
      documents.delete(name)
    }
  }
  const documentOf = (name: string): OpenApiDocument | undefined => {
    refresh()
    const known = documents.get(name)
    if (known !== undefined) return known
    const [first] = byName.get(name) ?? []
    if (first === undefined) return undefined
    const bytes = Buffer.from(JSON.stringify(build(first.group, first.version, byName.get(name) ?? [])))
    const document = { bytes, hash: hashOf(bytes) }
    documents.set(name, document)
    return document
  }
  return {
    document: documentOf,
    v2(form) {
      refresh()
      const known = old.get(form)
      if (known !== undefined) return known
      const custom = served.filter((kind) => kind.custom !== undefined)
      const options = { customSchema: customSchemaOf }
      const bytes = form === 'protobuf' ? openApiV2(custom, options) : openApiV2Json(custom, options)
      old.set(form, bytes)
      return bytes
    },
    index() {
      refresh()
      const paths = [...byName.keys()].toSorted().map((name) => {
        const hash = documentOf(name)?.hash ?? ''
        return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }]
      })
      const further = [...others()].map(([name, serverRelativeURL]) => [name, { serverRelativeURL }])
      return Buffer.from(JSON.stringify({ paths: Object.fromEntries([...paths, ...further]) }))
    },
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').toUpperCase()
