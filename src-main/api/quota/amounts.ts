/** Amounts by resource name, and how they are added, taken away and shown. */
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  subtractQuantities,
  zeroQuantity,
  type ExactQuantity,
} from '../meta/quantity.ts'

export type Amounts = ReadonlyMap<string, ExactQuantity>
type Texts = Readonly<Record<string, string>>

export const wholeNumber = (count: number): ExactQuantity => ({
  nano: BigInt(count) * 1_000_000_000n,
  format: 'DecimalSI',
})

export const parseAmounts = (texts: Texts | undefined): Amounts =>
  new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text)]))

export const amountTexts = (amounts: Amounts): Record<string, string> =>
  Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]))

/** The amounts of both, name by name. */
export function addAmounts(left: Amounts, right: Amounts): Amounts {
  const sum = new Map(left)
  for (const [name, amount] of right) sum.set(name, addQuantities(sum.get(name) ?? zeroQuantity, amount))
  return sum
}

/** What `left` has beyond `right`, name by name; less than nothing where it has less. */
export function subtractAmounts(left: Amounts, right: Amounts): Amounts {
  const rest = new Map(left)
  for (const [name, amount] of right) rest.set(name, subtractQuantities(rest.get(name) ?? zeroQuantity, amount))
  return rest
}

export const onlyNamed = (amounts: Amounts, names: ReadonlySet<string>): Amounts =>
  new Map([...amounts].filter(([name]) => names.has(name)))

export const isMore = (left: ExactQuantity, right: ExactQuantity): boolean => compareQuantities(left, right) > 0

/** `cpu=2,memory=1Gi`, in the order of the names. */
export const listAmounts = (amounts: Amounts): string =>
  [...amounts]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, amount]) => `${name}=${formatQuantity(amount)}`)
    .join(',')
