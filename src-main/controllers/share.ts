import type { IntOrString } from '../api/types/scalars.ts'

/** A number, or a percentage of `total`; absent: `fallback`. */
export function resolveShare(
  value: IntOrString | undefined,
  fallback: IntOrString,
  total: number,
  round: (share: number) => number,
): number {
  const given = value ?? fallback
  if (typeof given === 'number') return given
  return given.endsWith('%') ? round((Number(given.slice(0, -1)) * total) / 100) : Number(given)
}
