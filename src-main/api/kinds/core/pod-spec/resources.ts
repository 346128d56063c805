import { forbidden, invalid, notSupported, required, type FieldError } from '../../../field-error.ts'
import { checkEach, notNegative, problemsAt } from '../../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../../meta/names.ts'
import { compareQuantities, formatQuantity, parseQuantity, QuantityError } from '../../../meta/quantity.ts'
import type { ExactQuantity } from '../../../meta/quantity.ts'
import type { Container, ResourceRequirements } from '../../../types/core-v1.ts'

const standard = new Set(['cpu', 'memory', 'ephemeral-storage'])
const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isStandard = (name: string): boolean => standard.has(name) || isHugePages(name)
const isExtended = (name: string): boolean => name.includes('/') && !name.startsWith('kubernetes.io/')
/** Resources that cannot be given beyond what was asked for. */
const isNeverOvercommitted = (name: string): boolean => isExtended(name) || isHugePages(name)

/** A quantity that is not negative; `read` gets what it is. */
export function checkQuantity(path: string, text: string, read?: (amount: ExactQuantity) => void): FieldError[] {
  try {
    const amount = parseQuantity(text)
    read?.(amount)
    return amount.nano < 0n ? [invalid(path, formatQuantity(amount), notNegative)] : []
  } catch (error) {
    if (error instanceof QuantityError) return [invalid(path, text, error.message)]
    throw error
  }
}

/** A quantity of more than nothing. */
export function checkPositiveQuantity(path: string, text: string): FieldError[] {
  let isPositive = true
  const errors = checkQuantity(path, text, ({ nano }) => (isPositive = nano > 0n))
  return isPositive ? errors : [invalid(path, text, 'must be greater than zero')]
}

function validateName(name: string, path: string): FieldError[] {
  const problems = qualifiedNameProblems(name)
  if (problems.length > 0) return problemsAt(path, name, problems)
  if (name.includes('/')) return []
  return isStandard(name) ? [] : [invalid(path, name, 'must be a standard resource for containers')]
}

function validateAmounts(
  amounts: Readonly<Record<string, string>> | undefined,
  path: string,
): { errors: FieldError[]; read: Map<string, ExactQuantity> } {
  const read = new Map<string, ExactQuantity>()
  const errors = Object.entries(amounts ?? {}).flatMap(([name, text]) => {
    const at = `${path}[${name}]`
    const found = [
      ...validateName(name, at),
      ...checkQuantity(at, text, (amount) => {
        read.set(name, amount)
      }),
    ]
    const amount = read.get(name)
    const whole = amount === undefined || amount.nano % 1_000_000_000n === 0n
    if (!whole && isExtended(name)) found.push(invalid(at, text, 'must be an integer'))
    return found
  })
  return { errors, read }
}

/** Whether a pod as a whole may ask for this (KEP-2837). */
const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name)

/** What a pod asks for as a whole must be enough for its containers, `containers` being what they ask for together. */
export function validatePodResources(
  resources: ResourceRequirements | undefined,
  containers: ReadonlyMap<string, ExactQuantity>,
  ofContainers: readonly Container[],
  path: string,
): FieldError[] {
  const claims = resources?.claims === undefined ? [] : [forbidden(`${path}.claims`, noClaims)]
  const errors = [...claims, ...validateResources(resources, path)]
  for (const side of ['requests', 'limits'] as const)
    for (const name of Object.keys(resources?.[side] ?? {}))
      if (!isPodLevel(name))
        errors.push(notSupported(`${path}.${side}[${name}]`, name, ['cpu', 'hugepages-*', 'memory']))
  if (errors.length > 0) return errors
  for (const [name, amount] of containers) {
    const text = resources?.requests?.[name]
    if (text === undefined || compareQuantities(amount, parseQuantity(text)) <= 0) continue
    const words = `must be greater than or equal to aggregate container requests of ${formatQuantity(amount)}`
    errors.push(invalid(`${path}.requests[${name}]`, text, words))
  }
  return [...errors, ...validateShares(resources, ofContainers, path)]
}

const noClaims = 'claims cannot be set for Resources at pod-level'

/** No container may have more than the pod as a whole. */
function validateShares(
  resources: ResourceRequirements | undefined,
  containers: readonly Container[],
  path: string,
): FieldError[] {
  return checkEach(`${path}.containers`, containers, ({ resources: own }, at) =>
    Object.entries(own?.limits ?? {}).flatMap(([name, text]) => {
      const most = resources?.limits?.[name]
      if (most === undefined || compareQuantities(parseQuantity(text), parseQuantity(most)) <= 0) return []
      return [invalid(`${at}[${name}].limits`, text, `must be less than or equal to pod limits of ${most}`)]
    }),
  )
}

/** What a container, or a pod as a whole, asks for and may have. */
export function validateResources(resources: ResourceRequirements | undefined, path: string): FieldError[] {
  const limits = validateAmounts(resources?.limits, `${path}.limits`)
  const requests = validateAmounts(resources?.requests, `${path}.requests`)
  const errors = [...limits.errors, ...requests.errors]
  for (const [name, amount] of requests.read) {
    const limit = limits.read.get(name)
    const at = `${path}.requests`
    if (limit === undefined) {
      if (isNeverOvercommitted(name))
        errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
    } else if (isNeverOvercommitted(name) && compareQuantities(amount, limit) !== 0) {
      errors.push(invalid(at, formatQuantity(amount), `must be equal to ${name} limit of ${formatQuantity(limit)}`))
    } else if (compareQuantities(amount, limit) > 0) {
      const words = `must be less than or equal to ${name} limit of ${formatQuantity(limit)}`
      errors.push(invalid(at, formatQuantity(amount), words))
    }
  }
  const asksForPages = [...requests.read.keys(), ...limits.read.keys()].some(isHugePages)
  const asksForOthers = [...requests.read.keys(), ...limits.read.keys()].some(
    (name) => name === 'cpu' || name === 'memory',
  )
  if (asksForPages && !asksForOthers) errors.push(forbidden(path, 'HugePages require cpu or memory'))
  return errors
}
