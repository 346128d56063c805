/**
 * The shape of API objects as plain data. Built-in kinds get theirs from the release's facts (`schema.ts`), custom
 * kinds from their CRD: whatever walks an object (checking, pruning, defaulting, merging) knows only these types.
 * Graphs may be cyclic (JSONSchemaProps contains itself), so walk the value, not the schema.
 */
export type TypeSchema =
  ScalarSchema | IntegerSchema | NumberSchema | AnySchema | ObjectSchema | MapSchema | ArraySchema

export interface ScalarSchema {
  /**
   * `bytes` is base64 text; `time` RFC 3339 with seconds; `micro-time` with microseconds; `quantity` text, though a
   * client may write a number; `int-or-string` an int32 or text.
   */
  readonly type: 'string' | 'boolean' | 'bytes' | 'time' | 'micro-time' | 'quantity' | 'int-or-string'
}

export interface IntegerSchema {
  readonly type: 'integer'
  readonly format: 'int32' | 'int64'
}

export interface NumberSchema {
  readonly type: 'number'
}

/** Any JSON value, kept as it is: RawExtension, FieldsV1, JSON, a CRD's `x-kubernetes-preserve-unknown-fields`. */
export interface AnySchema {
  readonly type: 'any'
}

export interface ObjectSchema {
  readonly type: 'object'
  /** The definition's full name, such as `io.k8s.api.apps.v1.DeploymentSpec`; that of a CRD's parts is made up from its kind and path. */
  readonly name: string
  readonly fields: ReadonlyMap<string, FieldSchema>
  /** Atomic: apply replaces it as a whole. */
  readonly mapType: 'granular' | 'atomic'
  readonly unions: readonly Union[]
  /** Fields beyond those declared are kept as they are. */
  readonly preserveUnknownFields: boolean
}

/** Fields of which at most one is set; `discriminator` names the field that says which. */
export interface Union {
  readonly discriminator: string | undefined
  /** Field name → value of the discriminator. */
  readonly fields: Readonly<Record<string, string>>
}

export interface MapSchema {
  readonly type: 'map'
  readonly values: TypeSchema
  readonly mapType: 'granular' | 'atomic'
  /** Its quantities are kept as precisely as they are written; those of any other map are amounts of resources. */
  readonly exact?: true
}

export interface ArraySchema {
  readonly type: 'array'
  readonly items: TypeSchema
  readonly listType: 'atomic' | 'set' | 'map'
  /** The fields that identify an item of a list of type `map`. */
  readonly keys: readonly string[]
}

export type PatchStrategy = 'merge' | 'replace' | 'retainKeys'

export interface FieldSchema {
  readonly name: string
  readonly type: TypeSchema
  readonly required: boolean
  /** The declared default, if any; shared, so copy before changing. */
  readonly default: unknown
  /** How a strategic merge patch treats it; none means: replace lists and scalars, merge objects. */
  readonly patchStrategies: readonly PatchStrategy[]
  readonly mergeKey: string | undefined
  /** Overrides the map type of the object that it holds. */
  readonly mapType: 'granular' | 'atomic' | undefined
  /** A CRD may say that null is a value of its own; elsewhere null means absent. */
  readonly nullable: boolean
}
