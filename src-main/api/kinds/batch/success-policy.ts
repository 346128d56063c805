/** Which indexes of a job are enough for it to have succeeded (KEP-3998). */
import { invalid, required, tooLong, tooMany, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative } from '../../meta/field-checks.ts'
import type { JobSpec, SuccessPolicyRule } from '../../types/batch-v1.ts'
import { countIndexes } from './indexes.ts'

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
