/** What the status of a workload may say: counts that fit each other. */
import { invalid, type FieldError } from '../../field-error.ts'
import { checkNotNegative } from '../../meta/field-checks.ts'

/** Counts are not negative, and none of `parts` exceeds `whole`; `ofWhole` is what the words call that. */
export function validateCounts<T extends object>(
  status: T | undefined,
  counts: readonly (keyof T & string)[],
  parts: readonly (keyof T & string)[],
  whole: keyof T & string,
  ofWhole: string,
): FieldError[] {
  const read = (field: keyof T & string): number => Number(status?.[field] ?? 0)
  return [
    ...counts.flatMap((field) => checkNotNegative(`status.${field}`, read(field))),
    ...parts
      .filter((field) => read(field) > read(whole))
      .map((field) => invalid(`status.${field}`, read(field), `cannot be greater than ${ofWhole}`)),
  ]
}

interface Colliding {
  readonly collisionCount?: number
}

/** How often a name was taken is never forgotten, or a name would be tried twice. */
export function validateCollisions(status: Colliding | undefined, previous: Colliding | undefined): FieldError[] {
  const [now, before] = [status?.collisionCount, previous?.collisionCount]
  const errors = checkNotNegative('status.collisionCount', now)
  return before !== undefined && (now ?? 0) < before
    ? [...errors, invalid('status.collisionCount', now ?? 0, 'cannot be decremented')]
    : errors
}
