import type { Kind } from '../define-kind.ts'
import { componentSchemas, type Describe } from './openapi/component-schemas.ts'
import { referenceTo, type JsonSchema, type OpenApiDocument, type PathItem } from './openapi/document.ts'
import {
  deleteOptions,
  groupVersionName,
  groupVersionTag,
  patch,
  status,
  type KindSchemas,
} from './openapi/operations.ts'
import { resourcePaths } from './openapi/resource-paths.ts'
import { definitionNameOf } from './schema.ts'

export interface OpenApiOptions {
  /** One-line texts about definitions and fields; the facts of the release have none. */
  readonly describe?: Describe
  /** Of a field that every object has, for custom kinds. */
  readonly describeCommon?: (field: string) => string | undefined
  /** The schema of a custom kind, which is in no release. Absent: any object. */
  readonly customSchema?: (kind: Kind) => JsonSchema | undefined
}

const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
const resourceList = `${metaPrefix}APIResourceList`

/**
 * The OpenAPI 3.0 document of one group and version: the paths of its kinds, and every schema that these reach. It is
 * what `kubectl explain`, `apply` and its check for field validation read.
 */
export function openApiV3(
  group: string,
  version: string,
  kinds: readonly Kind[],
  options: OpenApiOptions = {},
): OpenApiDocument {
  const describe = options.describe ?? (() => undefined)
  const common = commonFields(options.describeCommon ?? (() => undefined))
  const roots = new Set([deleteOptions, patch, resourceList, status])
  const custom: Record<string, JsonSchema> = {}
  const paths: Record<string, PathItem> = resourceListPath(group, version)
  for (const kind of kinds) {
    const schemas = schemasOf(kind)
    if (schemas.custom) Object.assign(custom, customSchemas(kind, schemas, options.customSchema?.(kind), common, roots))
    const kindPaths = resourcePaths(kind, schemas)
    Object.assign(paths, kindPaths)
    for (const name of referencedIn(kindPaths)) roots.add(name)
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36' },
    paths,
    components: { schemas: sorted({ ...componentSchemas(roots, { group, version }, describe), ...custom }) },
  }
}

function schemasOf(kind: Kind): KindSchemas {
  const object = kind.custom === undefined ? (kind.definition ?? definitionNameOf(kind)) : undefined
  if (object !== undefined) {
    return { object, list: definitionNameOf({ ...kind, kind: `${kind.kind}List` }) ?? object, custom: false }
  }
  const name = [...kind.group.split('.').toReversed(), kind.version, kind.kind].join('.')
  return { object: name, list: `${name}List`, custom: true }
}

type CommonFields = Readonly<Record<'apiVersion' | 'kind' | 'metadata', JsonSchema>>

function commonFields(describe: (field: string) => string | undefined): CommonFields {
  const described = (field: string, schema: JsonSchema): JsonSchema => {
    const description = describe(field)
    return description === undefined ? schema : { description, ...schema }
  }
  return {
    apiVersion: described('apiVersion', { type: 'string' }),
    kind: described('kind', { type: 'string' }),
    metadata: described('metadata', referenceTo(`${metaPrefix}ObjectMeta`)),
  }
}

/** A custom kind and the list of it. Adds to `roots` what they refer to. */
function customSchemas(
  kind: Kind,
  names: KindSchemas,
  declared: JsonSchema | undefined,
  { apiVersion, kind: kindField, metadata }: CommonFields,
  roots: Set<string>,
): Record<string, JsonSchema> {
  const identity = (name: string): JsonSchema => ({
    'x-kubernetes-group-version-kind': [{ group: kind.group, kind: name, version: kind.version }],
  })
  const typeFields = { apiVersion, kind: kindField }
  roots.add(`${metaPrefix}ObjectMeta`).add(`${metaPrefix}ListMeta`)
  const schema = declared ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const properties = schema['properties'] as JsonSchema | undefined
  return {
    [names.object]: {
      ...schema,
      properties: { ...properties, ...typeFields, metadata },
      ...identity(kind.kind),
    },
    [names.list]: {
      description: `${kind.kind}List is a list of ${kind.kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        ...typeFields,
        items: { type: 'array', items: referenceTo(names.object) },
        metadata: referenceTo(`${metaPrefix}ListMeta`),
      },
      ...identity(kind.custom?.listKind ?? `${kind.kind}List`),
    },
  }
}

function resourceListPath(group: string, version: string): Record<string, PathItem> {
  const path = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`
  const content = { 'application/json': { schema: referenceTo(resourceList) } }
  return {
    [path]: {
      get: {
        tags: [groupVersionTag({ group, version })],
        operationId: `get${groupVersionName({ group, version })}APIResources`,
        responses: { 200: { description: 'OK', content }, 401: { description: 'Unauthorized' } },
      },
    },
  }
}

/** The schemas that operations read and answer. */
function* referencedIn(paths: Readonly<Record<string, PathItem>>): Generator<string> {
  for (const { get, post, put, patch: patched, delete: deleted } of Object.values(paths)) {
    for (const operation of [get, post, put, patched, deleted]) {
      const contents = [operation?.requestBody, ...Object.values(operation?.responses ?? {})]
      for (const { schema } of contents.flatMap((one) => Object.values(one?.content ?? {}))) {
        const reference = schema['$ref']
        if (typeof reference === 'string') yield reference.slice(reference.lastIndexOf('/') + 1)
      }
    }
  }
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)))
}
