import { canonicalQuantity, QuantityError } from '../meta/quantity.ts'

/** The same few texts come in every object, and reading one exactly is not cheap. */
const known = new Map<string | number, string>()
const maximumKnown = 4096

/** The text as the API server stores it, or the error that says why it is no quantity. */
export function quantityText(value: string | number): string | QuantityError {
  const found = known.get(value)
  if (found !== undefined) return found
  try {
    const text = canonicalQuantity(typeof value === 'string' ? value.trim() : value)
    if (known.size >= maximumKnown) known.clear()
    known.set(value, text)
    return text
  } catch (error) {
    if (error instanceof QuantityError) return error
    throw error
  }
}
