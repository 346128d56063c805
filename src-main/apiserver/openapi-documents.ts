/** `/openapi/v3`: an index of documents, one per group and version, each under an address that changes with its content. */
import { createHash } from 'node:crypto'
import type { Kind } from '../api/define-kind.ts'
import { oldDocument, type OldForm } from '../api/schema/openapi-v2.ts'
import type { OpenApiDocument as Document } from '../api/schema/openapi/document.ts'
import { sameKinds } from './discovery.ts'
import { mergedDefinitions } from './merged-definitions.ts'

/** The document of one group and version; `group` is empty for the core group. */
export type OpenApiBuilder = (group: string, version: string, kinds: readonly Kind[]) => Document

export interface OpenApiDocument {
  readonly bytes: Uint8Array
  readonly hash: string
}

export interface OpenApiDocuments {
  /** The index as JSON. */
  index(): Promise<Uint8Array>
  /** `name` is `api/v1` or `apis/<group>/<version>`; undefined when there is none. */
  document(name: string): OpenApiDocument | undefined
  /** The one document of version 2, which holds all kinds. */
  v2(form: OldForm): Promise<OpenApiDocument>
}

/**
 * Documents are made on first use and kept until their kinds change. The index names the hash of each, so it makes them
 * all; between two of them, as between parts of the one of version 2, everybody else has a turn.
 */
export function createOpenApiDocuments(
  kinds: () => readonly Kind[],
  build: OpenApiBuilder,
  others: () => ReadonlyMap<string, string>,
  nextTurn: () => Promise<void>,
): OpenApiDocuments {
  let served: readonly Kind[] = []
  let byName = new Map<string, readonly Kind[]>()
  const documents = new Map<string, OpenApiDocument>()
  const old = new Map<OldForm, Promise<OpenApiDocument>>()

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
  const makeOld = async (form: OldForm, groups: ReadonlyMap<string, readonly Kind[]>): Promise<OpenApiDocument> => {
    const made = oldDocument(form)
    const definitions = mergedDefinitions()
    for (const [first, ...more] of groups.values()) {
      if (first === undefined) continue
      const { paths, components } = build(first.group, first.version, [first, ...more])
      made.addPaths(paths)
      definitions.add(components.schemas, [first, ...more])
      await nextTurn()
    }
    let left = definitionsPerTurn
    for (const { name, schema, custom } of definitions.all()) {
      made.addDefinition(name, schema, custom)
      if (--left > 0) continue
      left = definitionsPerTurn
      await nextTurn()
    }
    const bytes = made.finish()
    return { bytes, hash: hashOf(bytes) }
  }
  return {
    document: documentOf,
    v2(form) {
      refresh()
      const known = old.get(form)
      if (known !== undefined) return known
      const making = makeOld(form, byName)
      old.set(form, making)
      // What could not be made is tried anew.
      making.catch(() => old.delete(form))
      return making
    },
    async index() {
      refresh()
      const paths: [string, object][] = []
      for (const name of [...byName.keys()].toSorted()) {
        const isKnown = documents.has(name)
        const document = documentOf(name)
        // A kind may have gone meanwhile, and its group with it.
        if (document === undefined) continue
        paths.push([name, { serverRelativeURL: `/openapi/v3/${name}?hash=${document.hash}` }])
        if (!isKnown) await nextTurn()
      }
      const further = [...others()].map(([name, serverRelativeURL]) => [name, { serverRelativeURL }])
      return Buffer.from(JSON.stringify({ paths: Object.fromEntries([...paths, ...further]) }))
    },
  }
}

const definitionsPerTurn = 50

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').toUpperCase()
