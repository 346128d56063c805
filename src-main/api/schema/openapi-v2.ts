/**
 * One OpenAPI 2.0 document of all kinds, put together from the 3.0 documents of the groups: as JSON, or in the protobuf
 * messages of gnostic (`openapiv2.Document`). Helm and older clients of other kinds cannot do without it.
 */
import type { JsonSchema, OpenApiDocument, PathItem } from './openapi/document.ts'
import { customSchemaInV2 } from './openapi/v2-custom.ts'
import { pathInV2, schemaInV2 } from './openapi/v2-json.ts'
import { writeDefinition, writePath } from './openapi/v2-messages.ts'
import { WireWriter } from './protobuf/wire-writer.ts'

export type OldForm = 'json' | 'protobuf'

/** Makes the document bit by bit; what it has made so far are bytes, so that nothing large is left for the end. */
export interface OldDocument {
  addPaths(paths: OpenApiDocument['paths']): void
  /** `custom`: somebody else's schema. */
  addDefinition(name: string, schema: JsonSchema, custom: boolean): void
  finish(): Uint8Array
}

const info = { title: 'Kubernetes', version: 'v1.36.0' }

export const oldDocument = (form: OldForm): OldDocument => (form === 'json' ? jsonDocument() : protobufDocument())

function jsonDocument(): OldDocument {
  const paths: string[] = []
  const definitions: string[] = []
  const entry = (name: string, value: JsonSchema): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`
  const bearer = {
    type: 'apiKey',
    name: 'authorization',
    in: 'header',
    description: 'A bearer token',
  }
  return {
    addPaths(items) {
      for (const [path, item] of Object.entries(items)) paths.push(entry(path, pathInV2(item)))
    },
    addDefinition(name, schema, custom) {
      definitions.push(entry(name, custom ? customSchemaInV2(schema) : schemaInV2(schema)))
    },
    finish: () =>
      new TextEncoder().encode(
        [
          `{"swagger":"2.0","info":${JSON.stringify(info)},"paths":{${paths.join(',')}}`,
          `"definitions":{${definitions.join(',')}}`,
          `"securityDefinitions":${JSON.stringify({ BearerToken: bearer })}`,
          `"security":[{"BearerToken":[]}]}`,
        ].join(','),
      ),
  }
}

function protobufDocument(): OldDocument {
  const paths = new WireWriter()
  const definitions = new WireWriter()
  return {
    addPaths(items: Readonly<Record<string, PathItem>>) {
      for (const [path, item] of Object.entries(items)) writePath(paths, path, item)
    },
    addDefinition: (name, schema, custom) =>
      writeDefinition(definitions, name, custom ? customSchemaInV2(schema) : schema),
    finish() {
      const writer = new WireWriter()
      writer.text(1, '2.0')
      writer.nested(2, () => {
        writer.text(1, info.title)
        writer.text(2, info.version)
      })
      writer.content(8, paths.finish())
      writer.content(9, definitions.finish())
      return writer.finish()
    },
  }
}
