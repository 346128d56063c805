import type { Kind } from '../define-kind.ts'
import { openApiV3, type OpenApiOptions } from './openapi.ts'
import type { JsonSchema, PathItem } from './openapi/document.ts'
import { writeDefinition, writePath } from './openapi/v2-messages.ts'
import { WireWriter } from './protobuf/wire-writer.ts'

/**
 * One OpenAPI 2.0 document of all kinds, in the protobuf messages of gnostic (`openapiv2.Document`). Older clients
 * cannot apply, create or explain without it. It says what the 3.0 documents say.
 */
export function openApiV2(kinds: readonly Kind[], options: OpenApiOptions = {}): Uint8Array {
  const { paths, schemas } = partsOf(kinds, options)
  const writer = new WireWriter()
  writer.text(1, '2.0')
  writer.nested(2, () => {
    writer.text(1, 'Kubernetes')
    writer.text(2, 'v1.36')
  })
  writer.nested(8, () => {
    for (const [path, item] of Object.entries(paths)) writePath(writer, path, item)
  })
  writer.nested(9, () => {
    for (const [name, schema] of Object.entries(schemas)) writeDefinition(writer, name, schema)
  })
  return writer.finish()
}

/** The definitions of the same document as JSON. */
export function openApiV2Json(kinds: readonly Kind[], options: OpenApiOptions = {}): Uint8Array {
  const { schemas } = partsOf(kinds, options)
  const info = { title: 'Kubernetes', version: 'v1.36' }
  const text = JSON.stringify({ swagger: '2.0', info, paths: {}, definitions: schemas })
  return new TextEncoder().encode(text.replaceAll('"#/components/schemas/', '"#/definitions/'))
}

function partsOf(
  kinds: readonly Kind[],
  options: OpenApiOptions,
): { paths: Record<string, PathItem>; schemas: Record<string, JsonSchema> } {
  const paths: Record<string, PathItem> = {}
  const schemas: Record<string, JsonSchema> = {}
  for (const served of Map.groupBy(kinds, ({ apiVersion }) => apiVersion).values()) {
    const [first] = served
    if (first === undefined) continue
    const document = openApiV3(first.group, first.version, served, options)
    Object.assign(paths, document.paths)
    Object.assign(schemas, document.components.schemas)
  }
  return { paths, schemas }
}
