/**
 * The schema of a custom kind as code uses it: a CRD's `openAPIV3Schema` read once, with the rules of each value at hand.
 * Trees are finite: a CRD cannot refer to itself.
 */
import type { ValidationRule } from '../types/apiextensions-v1.ts'
import type { ValueRules } from './value-rules.ts'

export type ValueType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'

export interface StructuralSchema {
  /** Absent in logical parts (`anyOf` and the like) and for `x-kubernetes-int-or-string`. */
  readonly type: ValueType | undefined
  readonly properties: ReadonlyMap<string, StructuralSchema>
  /** What keys beyond the properties hold; true: anything; undefined: there are none. */
  readonly additional: StructuralSchema | true | undefined
  readonly items: StructuralSchema | undefined
  readonly nullable: boolean
  /** Shared, so copy before changing; undefined: none. */
  readonly default: unknown
  readonly preserveUnknownFields: boolean
  /** A whole object with apiVersion, kind and metadata of its own. */
  readonly embeddedResource: boolean
  readonly intOrString: boolean
  readonly listType: 'atomic' | 'set' | 'map'
  /** Of a list of type `map`. */
  readonly mapKeys: readonly string[]
  readonly mapType: 'granular' | 'atomic'
  /** What a value must fulfil beside its type; undefined: nothing. */
  readonly rules: ValueRules | undefined
  /** `x-kubernetes-validations` of this place, to be compiled by whoever evaluates expressions. */
  readonly validations: readonly ValidationRule[]
  /** Whether this place, or one below it, has a default: walks end early where none has. */
  readonly reachesDefaults: boolean
  /** Whether this place, or one below it, has validations. */
  readonly reachesValidations: boolean
}
