/** Kinds of the API machinery that the release's OpenAPI does not name, for servers alone write them. */
import type { RawDefinition } from './schema.ts'

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const message = 'k8s.io.apimachinery.pkg.apis.meta'
const typeMeta = { apiVersion: { t: 'string' }, kind: { t: 'string' } }
const partialList = {
  ...typeMeta,
  metadata: { t: `${meta}.ListMeta` },
  items: { t: `[${meta}.PartialObjectMetadata]`, req: 1 },
} as const

/** Objects without all but their metadata. */
export const metaDefinitions: Readonly<Record<string, RawDefinition>> = {
  [`${meta}.PartialObjectMetadata`]: {
    gvk: [
      ['meta.k8s.io', 'v1', 'PartialObjectMetadata'],
      ['meta.k8s.io', 'v1beta1', 'PartialObjectMetadata'],
    ],
    proto: `${message}.v1.PartialObjectMetadata`,
    fields: { ...typeMeta, metadata: { t: `${meta}.ObjectMeta` } },
  },
  [`${meta}.PartialObjectMetadataList`]: {
    gvk: [['meta.k8s.io', 'v1', 'PartialObjectMetadataList']],
    proto: `${message}.v1.PartialObjectMetadataList`,
    fields: partialList,
  },
  [`${meta}beta1.PartialObjectMetadataList`]: {
    gvk: [['meta.k8s.io', 'v1beta1', 'PartialObjectMetadataList']],
    proto: `${message}.v1beta1.PartialObjectMetadataList`,
    fields: partialList,
  },
}

const items = `repeated ${message}.v1.PartialObjectMetadata`

export const metaMessages: Readonly<Record<string, Readonly<Record<string, readonly [number: number, type: string]>>>> =
  {
    [`${message}.v1.PartialObjectMetadata`]: { metadata: [1, `${message}.v1.ObjectMeta`] },
    [`${message}.v1.PartialObjectMetadataList`]: { metadata: [1, `${message}.v1.ListMeta`], items: [2, items] },
    // The older version has them the other way round.
    [`${message}.v1beta1.PartialObjectMetadataList`]: { metadata: [2, `${message}.v1.ListMeta`], items: [1, items] },
  }
