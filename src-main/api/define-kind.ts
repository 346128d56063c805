import type { CustomKind } from './custom/custom-kinds.ts'
import type { FieldError } from './field-error.ts'
import type { KubernetesObject } from './meta/object.ts'

/** A column of `kubectl get`, and of the UI's tables. */
export interface Column<T> {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority?: 0 | 1
  readonly format?: string
  readonly description?: string
  /** The cell; `nowUnixMs` is for ages. */
  cell(object: T, nowUnixMs: number): string | number | boolean | null
}

export interface ScalePaths {
  readonly spec: string
  readonly status: string
  readonly selector?: string
}

export interface Subresources {
  readonly status?: boolean
  readonly scale?: ScalePaths
}

/** Declared as a method, so that a `Kind<Pod>` is also a `Kind`. */
interface Reads<T> {
  read(object: T): string
}

/**
 * Everything that is particular to one kind; what is left out follows from the schema facts. All functions are pure
 * but for the draft that they are given: `defaults` and the `prepare` functions change that draft in place.
 */
export interface KindDefinition<T extends KubernetesObject> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular?: string
  readonly short?: readonly string[]
  readonly categories?: readonly string[]
  readonly scope: 'Namespaced' | 'Cluster'
  readonly subresources?: Subresources
  /** Columns between `Name` and `Age`, or all of them when `ownColumns` is set. Absent: `Name`, `Created At`. */
  readonly columns?: readonly Column<T>[]
  readonly ownColumns?: boolean
  /** The schema definition's name; absent: found by group, version and kind. */
  readonly definition?: string
  /** What only a kind of a CRD has. */
  readonly custom?: CustomKind
  /** An update must say which version of the object it has seen. */
  readonly updatesNeedVersion?: boolean
  /** An update of an object that is not there makes it. */
  readonly updatesCreate?: boolean
  /** Field selectors beside metadata.name and metadata.namespace: path → value. */
  readonly selectableFields?: Readonly<Record<string, Reads<T>['read']>>
  /** What is wrong with a name of this kind, in words; absent: a DNS subdomain. `prefix`: it is a `generateName`. */
  nameRule?(name: string, prefix: boolean): string[]
  defaults?(draft: T): void
  validate?(object: T): FieldError[]
  /** Rules for a new object alone: what is stored may have come from before them. Runs beside `validate`. */
  validateNew?(object: T): FieldError[]
  /**
   * Rules that compare with what is stored: immutable fields and the like. Runs beside `validate`. `subresource` is the
   * one that was written through, empty for the object itself.
   */
  validateUpdate?(object: T, previous: T, subresource?: string): FieldError[]
  /** Rules of a write through `status`; runs instead of `validate` and `validateUpdate`, for nothing else can change. */
  validateStatus?(object: T, previous: T): FieldError[]
  /** What the writer of an object that is valid should know; `previous` is undefined for a new one. */
  warn?(object: T, previous: T | undefined): string[]
  /** Sets what a client may not: an empty status, generation 1. Runs before validation. */
  prepareCreate?(draft: T): void
  /** Keeps what an update of the main resource may not change, beside status, which is kept anyway. */
  prepareUpdate?(draft: T, previous: T): void
}

/** A kind as all code uses it; made by `defineKind` for built-in kinds and from a CRD at run time. */
export interface Kind<T extends KubernetesObject = KubernetesObject> extends KindDefinition<T> {
  readonly singular: string
  readonly short: readonly string[]
  readonly categories: readonly string[]
  readonly subresources: Subresources
  readonly apiVersion: string
  readonly namespaced: boolean
}

export function defineKind<T extends KubernetesObject>(definition: KindDefinition<T>): Kind<T> {
  return {
    short: [],
    categories: [],
    subresources: {},
    ...definition,
    singular: definition.singular ?? definition.kind.toLowerCase(),
    apiVersion: definition.group === '' ? definition.version : `${definition.group}/${definition.version}`,
    namespaced: definition.scope === 'Namespaced',
  }
}
