/** Which indexes of a job are enough for it to have succeeded (KEP-3998). */
import { invalid, required, tooLong, tooMany, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative } from '../../meta/field-checks.ts'
import type { JobSpec, SuccessPolicyRule } from '../../types/batch-v1.ts'

const mostRules = 20
const longestIndexes = 64 * 1024

export function validateSuccessPolicy(spec: Partial<JobSpec>, path: string): FieldError[] {
  const { successPolicy, completionMode, completions = 0 } = spec
  const { rules = [] } = successPolicy ?? {}
  const at = `${path}.rules`
  const words = 'at least one rules must be specified when the successPolicy is specified'
  if (completionMode !== 'Indexed') return [invalid(path, successPolicy, 'requires indexed completion mode')]
  return [
    ...(rules.length === 0 ? [required(at, words)] : []),
    ...(rules.length > mostRules ? [tooMany(at, rules.length, mostRules)] : []),
    ...checkEach(at, rules, (rule, one) => validateRule(rule, completions, one)),
  ]
}

function validateRule(
  { succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule,
  completions: number,
  path: string,
): FieldError[] {
  if (count === undefined && indexes === undefined)
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')]
  const errors: FieldError[] = []
  let total = 0
  if (indexes !== undefined) {
    const at = `${path}.succeededIndexes`
    if (indexes.length > longestIndexes) errors.push(tooLong(at, longestIndexes))
    const read = countIndexes(indexes, completions)
    if (typeof read === 'number') total = read
    else errors.push(invalid(at, indexes, `error parsing succeededIndexes: ${read.problem}`))
  }
  if (count === undefined) return errors
  const at = `${path}.succeededCount`
  const atMost = (most: number, what: string): FieldError[] =>
    count > most ? [invalid(at, count, `must be less than or equal to ${most} (the number of ${what})`)] : []
  return [
    ...errors,
    ...checkNotNegative(at, count),
    ...atMost(completions, 'specified completions'),
    ...(indexes === undefined ? [] : atMost(total, 'indexes in the specified succeededIndexes field')),
  ]
}

/** How many indexes `1,3-5` names; they must rise, and be below `completions`. */
function countIndexes(text: string, completions: number): number | { readonly problem: string } {
  let total = 0
  let last = -1
  if (text === '') return 0
  for (const part of text.split(',')) {
    const limits = part.split('-')
    if (limits.length > 2)
      return {
        problem: `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      }
    const odd = limits.find((limit) => !/^\d+$/.test(limit))
    if (odd !== undefined) return { problem: `cannot convert string to integer for index: ${JSON.stringify(odd)}` }
    const [first = 0, end = first] = limits.map(Number)
    const beyond = [first, end].find((limit) => limit >= completions)
    if (beyond !== undefined) return { problem: 'too large index: ' + JSON.stringify(String(beyond)) }
    if (limits.length === 2 && first >= end)
      return { problem: `non-increasing order, previous: ${first}, current: ${end}` }
    if (first <= last) return { problem: `non-increasing order, previous: ${last}, current: ${first}` }
    total += end - first + 1
    last = end
  }
  return total
}
