/** From a CRD to the kinds that the server serves for it: one for each version. */
import { once } from '../../lib/once.ts'
import type { Sliced } from '../../lib/sliced.ts'
import { defineKind, type Kind } from '../define-kind.ts'
import type { FieldError } from '../field-error.ts'
import { startGeneration } from '../kinds/generation.ts'
import type { DynamicObject } from '../meta/object.ts'
import type { ObjectSchema } from '../schema/type-schema.ts'
import { setOwn } from '../schema/own-property.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
  WebhookConversion,
} from '../types/apiextensions-v1.ts'
import { customColumns } from './columns.ts'
import { defaulted } from './default-object.ts'
import { deprecationOf } from './deprecation.ts'
import { parseJsonPath } from './json-path.ts'
import { pruneObject } from './prune-object.ts'
import { readSchema } from './read-schema.ts'
import type { StructuralSchema } from './structural-schema.ts'
import { objectTypeFrom } from './type-from-schema.ts'
import { validateCustomObject } from './validate-value.ts'

/** What a kind that a CRD defines carries beyond what every kind has. */
export interface CustomKind {
  /** The CRD's name and uid. */
  readonly definition: string
  readonly uid: string
  /** Absent: there are none, or nobody evaluates them. */
  readonly rules: RuleCheck | undefined
  /** Read on first use: most kinds of a cluster are not used in most runs. */
  readonly schema: StructuralSchema
  /** How apply and ownership see its objects. */
  readonly objectType: ObjectSchema
  /** As the CRD has it, for the published documents. */
  readonly openApiSchema: JSONSchemaProps
  readonly listKind: string
  /** The apiVersion in which objects are stored. */
  readonly storageVersion: string
  /** Undefined: versions differ in nothing but their name. */
  readonly conversion: WebhookConversion | undefined
  /** All versions of this CRD by apiVersion, also those that are served no more but may be stored. */
  readonly versions: ReadonlyMap<string, Kind>
  /** Said to everybody who uses this version; undefined while it is not deprecated. */
  readonly deprecation: string | undefined
  /** The CRD is being deleted: there will be no new objects. */
  readonly terminating: boolean
}

/** Rules that need an evaluator: `x-kubernetes-validations`. `previous` is undefined for a new object. */
export type RuleCheck = (object: DynamicObject, previous: DynamicObject | undefined) => Sliced<FieldError[]>
/** Makes the check of a schema that has validations; called once for each version. */
export type RuleCompiler = (schema: StructuralSchema) => RuleCheck

export interface CustomKindOptions {
  /** Absent: expressions are kept and not evaluated. */
  readonly compileRules?: RuleCompiler
}

/** A kind for each version of a CRD, whether it is served or not. Expects a CRD that is valid. */
export function customKinds(definition: CustomResourceDefinition, options: CustomKindOptions = {}): Kind[] {
  const versions = new Map<string, Kind>()
  for (const version of definition.spec.versions) {
    const kind = customKind(definition, version, versions, options)
    versions.set(kind.apiVersion, kind)
  }
  return [...versions.values()]
}

/** The names under which a CRD is known: those that it was granted, or those that it asks for. */
export function namesOf({ spec, status }: CustomResourceDefinition): CustomResourceDefinitionNames {
  const accepted = status?.acceptedNames
  return (accepted?.plural ?? '') === '' || (accepted?.kind ?? '') === '' || accepted === undefined
    ? spec.names
    : accepted
}

function customKind(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  versions: ReadonlyMap<string, Kind>,
  { compileRules }: CustomKindOptions,
): Kind {
  const { spec, metadata } = definition
  const names = namesOf(definition)
  const apiVersion = `${spec.group}/${version.name}`
  const openApiSchema = version.schema?.openAPIV3Schema ?? {}
  const schemaNow = once(() => readSchema(openApiSchema))
  const typeNow = once(() => objectTypeFrom(schemaNow(), `${apiVersion.replace('/', '.')}.${names.kind}`))
  const rulesNow = once(() => (schemaNow().reachesValidations ? compileRules?.(schemaNow()) : undefined))
  const hasStatus = version.subresources?.status !== undefined
  const { scale } = version.subresources ?? {}
  const custom: CustomKind = {
    ...{ definition: metadata?.name ?? '', uid: metadata?.uid ?? '', openApiSchema, versions },
    get schema() {
      return schemaNow()
    },
    get rules() {
      return rulesNow()
    },
    get objectType() {
      return typeNow()
    },
    listKind: names.listKind ?? `${names.kind}List`,
    storageVersion: `${spec.group}/${spec.versions.find(({ storage }) => storage)?.name ?? version.name}`,
    conversion: spec.conversion?.strategy === 'Webhook' ? spec.conversion.webhook : undefined,
    deprecation: deprecationOf(spec, version),
    terminating: metadata?.deletionTimestamp !== undefined,
  }
  return defineKind<DynamicObject>({
    ...{ group: spec.group, version: version.name, kind: names.kind, plural: spec.names.plural, custom },
    singular: names.singular ?? names.kind.toLowerCase(),
    short: names.shortNames ?? [],
    categories: names.categories ?? [],
    scope: spec.scope === 'Cluster' ? 'Cluster' : 'Namespaced',
    subresources: {
      ...(hasStatus ? { status: true } : {}),
      ...(scale === undefined
        ? {}
        : {
            scale: {
              spec: scale.specReplicasPath,
              status: scale.statusReplicasPath,
              ...(scale.labelSelectorPath === undefined ? {} : { selector: scale.labelSelectorPath }),
            },
          }),
    },
    columns: customColumns(version.additionalPrinterColumns),
    ownColumns: true,
    updatesNeedVersion: true,
    selectableFields: Object.fromEntries(
      (version.selectableFields ?? []).map(({ jsonPath }) => [
        jsonPath.replace(/^\./, ''),
        { read: fieldReader(jsonPath) }.read,
      ]),
    ),
    prepareCreate(draft) {
      if (hasStatus) delete draft.status
      startGeneration(draft)
      settle(draft, schemaNow())
    },
    defaults: (draft) => become(draft, defaulted(draft, schemaNow())),
    prepareUpdate: (draft) => settle(draft, schemaNow()),
    validateNew: (draft) => validateCustomObject(draft, schemaNow()),
    validateUpdate: (draft, previous) => validateCustomObject(draft, schemaNow(), previous),
  })
}

function fieldReader(jsonPath: string): (object: DynamicObject) => string {
  const path = parseJsonPath(jsonPath)
  return (object) => {
    const [value] = path.values(object)
    return value === undefined || value === null ? '' : String(value)
  }
}

/** What admission put in is pruned and completed as what the client sent was. */
function settle(draft: DynamicObject, schema: StructuralSchema): void {
  become(draft, defaulted(pruneObject(draft, schema).object, schema))
}

function become(draft: DynamicObject, other: DynamicObject): void {
  if (other === draft) return
  for (const name of Object.keys(draft)) if (!Object.hasOwn(other, name)) Reflect.deleteProperty(draft, name)
  for (const [name, value] of Object.entries(other)) setOwn(draft, name, value)
}
