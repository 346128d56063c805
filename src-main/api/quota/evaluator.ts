/** How objects of one resource count against a quota. */
import type { DynamicObject } from '../meta/object.ts'
import type { Amounts } from './amounts.ts'

/** One condition under which a quota counts an object: a scope, and what it must be like. */
export interface ScopeRequirement {
  readonly scope: string
  readonly operator: string
  readonly values: readonly string[]
}

export interface Evaluator {
  /** Whether this name of a quota's `hard` is one that such objects can use. */
  counts(name: string): boolean
  /** Everything that the object uses, whoever counts it. */
  usage(object: DynamicObject, nowUnixMs: number): Amounts
  /** Whether the object lies in the scope; absent: no scope knows such objects. */
  inScope?(object: DynamicObject, requirement: ScopeRequirement): boolean
  /** What the object fails to state although the quota limits it, in words. */
  unstated?(object: DynamicObject, names: ReadonlySet<string>): string | undefined
  /** Whether an update of the object can change what it uses; `subresource` is what it is written through. */
  chargesUpdate?(subresource: string): boolean
}
