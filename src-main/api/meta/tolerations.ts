import type { Taint, Toleration } from '../types/core-v1.ts'

/**
 * Whether one toleration covers a taint. An empty key with `Exists` covers all; an empty effect covers every effect;
 * `Lt` and `Gt` cover taints whose value is a smaller or a larger whole number (KEP-5471).
 */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { key = '', operator = 'Equal', value = '', effect = '' } = toleration
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  if (operator === 'Lt' || operator === 'Gt') return key !== '' && compares(operator, taint.value, value)
  return operator === 'Equal' && key !== '' && value === (taint.value ?? '')
}

function compares(operator: 'Lt' | 'Gt', ofTaint: string | undefined, limit: string): boolean {
  const value = wholeNumber(ofTaint ?? '')
  const bound = wholeNumber(limit)
  if (value === undefined || bound === undefined) return false
  return operator === 'Lt' ? value < bound : value > bound
}

/** A decimal 64-bit number without a plus sign or leading zeros; undefined for any other text. */
export function wholeNumber(text: string): bigint | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

export const isTolerated = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean =>
  (tolerations ?? []).some((toleration) => toleratesTaint(toleration, taint))

/** The first taint with one of these effects that nothing tolerates. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return (taints ?? []).find((taint) => effects.includes(taint.effect) && !isTolerated(tolerations, taint))
}
