import { describe, describeCommon } from '../../api/schema/descriptions/describe.ts'
import { publishedSchema } from '../../api/custom/published-schema.ts'
import type { Kind } from '../../api/define-kind.ts'
import { openApiV3 } from '../../api/schema/openapi.ts'
import type { JsonSchema, OpenApiDocument } from '../../api/schema/openapi/document.ts'

export const customSchemaOf = ({ custom }: Kind): JsonSchema | undefined =>
  custom && publishedSchema(custom.openApiSchema)

/** The document of one group and version, with the schemas of its custom kinds. */
export const openApiOf = (group: string, version: string, kinds: readonly Kind[]): OpenApiDocument =>
  openApiV3(group, version, kinds, { customSchema: customSchemaOf, describe, describeCommon })
