/** The parts of an OpenAPI 3.0 document, as far as this server writes them. */
export interface OpenApiDocument {
  readonly openapi: '3.0.0'
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** A schema is open: `x-kubernetes-…` extensions stand beside its own words. */
export type JsonSchema = Readonly<Record<string, unknown>>

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export type PathItem = { readonly [method in Method]?: OperationItem } & { readonly parameters?: readonly Parameter[] }

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required?: true
  readonly schema: JsonSchema
}

export interface OperationItem {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly 'x-kubernetes-action'?: string
  readonly 'x-kubernetes-group-version-kind'?: {
    readonly group: string
    readonly version: string
    readonly kind: string
  }
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content; readonly required?: true }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}

export type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>

export const referenceTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
