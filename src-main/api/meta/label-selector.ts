import type { LabelSelector } from '../types/meta-v1.ts'
import { checkRequirement, matchesRequirement, requirementText, type Requirement } from './label-requirement.ts'
import { parseRequirements } from './label-selector-parser.ts'

export { SelectorError } from './label-requirement.ts'

/** What labels must be like. Immutable. */
export interface Selector {
  readonly requirements: readonly Requirement[]
  /** True when no label can match, however it is. */
  readonly matchesNothing: boolean
  matches(labels: Readonly<Record<string, string>> | undefined): boolean
  /** The query syntax, which `parseLabelSelector` reads again. */
  toString(): string
}

function selectorOf(requirements: readonly Requirement[]): Selector {
  const sorted = requirements.toSorted((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
  return {
    requirements: sorted,
    matchesNothing: false,
    matches: (labels = {}) => sorted.every((requirement) => matchesRequirement(requirement, labels)),
    toString: () => sorted.map(requirementText).join(','),
  }
}

/** Matches everything. */
export const everything: Selector = selectorOf([])

/** Matches nothing. */
export const nothing: Selector = {
  requirements: [],
  matchesNothing: true,
  matches: () => false,
  toString: () => '',
}

/** Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1,m<2`; throws SelectorError. An empty text matches everything. */
export function parseLabelSelector(text: string): Selector {
  return selectorOf(parseRequirements(text))
}

const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const

/** The selector of an object's spec: an empty one matches everything, an absent one nothing. Throws SelectorError. */
export function labelSelectorFrom(selector: LabelSelector | undefined): Selector {
  if (selector === undefined) return nothing
  const byLabels = Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: '=',
    values: [value],
  }))
  const byExpressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }): Requirement => {
    const known = Object.hasOwn(operators, operator) ? operators[operator as keyof typeof operators] : undefined
    return { key, operator: known ?? (operator as Requirement['operator']), values }
  })
  return selectorOf([...byLabels, ...byExpressions].map(checkRequirement))
}

/** All of these labels; an empty or absent map matches everything (a service without selector is the caller's matter). */
export function labelSelectorFromMap(labels: Readonly<Record<string, string>> | undefined): Selector {
  return selectorOf(
    Object.entries(labels ?? {}).map(([key, value]) => checkRequirement({ key, operator: '=', values: [value] })),
  )
}
