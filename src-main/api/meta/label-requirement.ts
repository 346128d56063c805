import { labelValueProblems, qualifiedNameProblems } from './names.ts'

export type RequirementOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

export interface Requirement {
  readonly key: string
  readonly operator: RequirementOperator
  readonly values: readonly string[]
}

/** A label or field selector that cannot be understood. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
  readonly code = 'InvalidSelector'
}

/** The requirement itself when it makes sense; throws SelectorError otherwise. */
export function checkRequirement(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement
  const keyProblems = qualifiedNameProblems(key)
  if (keyProblems.length > 0) throw new SelectorError(`key: Invalid value: ${quoted(key)}: ${keyProblems.join('; ')}`)
  const problem = countProblem(operator, values)
  if (problem !== undefined) throw new SelectorError(`values: Invalid value: ${JSON.stringify(values)}: ${problem}`)
  values.forEach((value, index) => {
    const problems = labelValueProblems(value)
    if (problems.length > 0)
      throw new SelectorError(`values[${index}][${key}]: Invalid value: ${quoted(value)}: ${problems.join('; ')}`)
  })
  return requirement
}

const quoted = (text: string): string => JSON.stringify(text)

function countProblem(operator: RequirementOperator, values: readonly string[]): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length > 0 ? undefined : "for 'in', 'notin' operators, values set can't be empty"
    case '=':
    case '==':
    case '!=':
      return values.length === 1 ? undefined : 'exact-match compatibility requires one single value'
    case 'exists':
    case '!':
      return values.length === 0 ? undefined : 'values set must be empty for exists and does not exist'
    case 'gt':
    case 'lt':
      if (values.length !== 1) return "for 'Gt', 'Lt' operators, exactly one value is required"
      return integer(values[0]) === undefined ? "for 'Gt', 'Lt' operators, the value must be an integer" : undefined
    default:
      return `${quoted(operator)} is not a valid label selector operator`
  }
}

function integer(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined
}

export function matchesRequirement(
  { key, operator, values }: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'gt':
    case 'lt': {
      const actual = integer(value)
      const wanted = integer(values[0])
      if (actual === undefined || wanted === undefined) return false
      return operator === 'gt' ? actual > wanted : actual < wanted
    }
  }
}

export function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'gt':
      return `${key}>${values[0] ?? ''}`
    case 'lt':
      return `${key}<${values[0] ?? ''}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.toSorted().join(',')})`
    default:
      return `${key}${operator}${values[0] ?? ''}`
  }
}
