import { formatQuantity, parseQuantity, QuantityError, roundedToMilli, type ExactQuantity } from '../meta/quantity.ts'

const maximumKnown = 4096

/** The text of a quantity as the API server stores it, or the error that says why it is none. */
export const quantityText = textReader((quantity) => quantity)

/** The same for the amount of a resource, which has no less than thousandths. */
export const resourceAmountText = textReader(roundedToMilli)

type ReadText = (value: string | number) => string | QuantityError

function textReader(stored: (quantity: ExactQuantity) => ExactQuantity): ReadText {
  /** The same few texts come in every object, and reading one exactly is not cheap. */
  const known = new Map<string | number, string>()
  return (value) => {
    const found = known.get(value)
    if (found !== undefined) return found
    try {
      const text = formatQuantity(stored(parseQuantity(typeof value === 'string' ? value.trim() : value)))
      if (known.size >= maximumKnown) known.clear()
      known.set(value, text)
      return text
    } catch (error) {
      if (error instanceof QuantityError) return error
      throw error
    }
  }
}
