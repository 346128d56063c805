import type { OpenApiBuilder } from '../openapi-documents.ts'
import { openApiV3 } from '../../api/schema/openapi.ts'
import { publishedSchema } from '../../api/custom/published-schema.ts'

/** The document of one group and version, with the schemas of its custom kinds. */
export const openApiOf: OpenApiBuilder = (group, version, kinds) =>
  openApiV3(group, version, kinds, {
    customSchema: (kind) => kind.custom && publishedSchema(kind.custom.openApiSchema),
  })
