import { canonicalQuantity, parseQuantity, QuantityError } from '../meta/quantity.ts'

const nanoPerByte = 1_000_000_000n

/** Bytes come whole: what is said of other amounts under these names. */
export function fractionalByteWarnings(
  amounts: Readonly<Record<string, string | number>> | undefined,
  names: readonly string[],
  path: string,
): string[] {
  return names.flatMap((name) => {
    const amount = amounts?.[name]
    return amount === undefined || isWhole(amount)
      ? []
      : [
          `${path}[${name}]: fractional byte value ${JSON.stringify(canonicalQuantity(amount))} is invalid, must be an integer`,
        ]
  })
}

function isWhole(amount: string | number): boolean {
  try {
    return parseQuantity(amount).nano % nanoPerByte === 0n
  } catch (error) {
    // What is no amount at all, validation refuses.
    if (error instanceof QuantityError) return true
    throw error
  }
}
