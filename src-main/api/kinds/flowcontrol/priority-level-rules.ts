/** What a PriorityLevelConfiguration may say (KEP-1040). */
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { sameValue } from '../../meta/field-checks.ts'
import type {
  LimitResponse,
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../types/flowcontrol-v1.ts'
import { exempt, mandatoryPriorityLevels, nameOf } from './mandatory.ts'

const mostQueues = 10_000_000
const mostEntropyBits = 60

export function defaultPriorityLevel({ spec }: PriorityLevelConfiguration): void {
  if (spec?.type === 'Exempt') {
    spec.exempt = { nominalConcurrencyShares: 0, lendablePercent: 0, ...spec.exempt }
    return
  }
  const limited = spec?.limited
  if (limited === undefined) return
  limited.nominalConcurrencyShares ??= 30
  limited.lendablePercent ??= 0
  const queuing = limited.limitResponse?.queuing
  if (queuing === undefined) return
  queuing.queues ??= 64
  queuing.handSize ??= 8
  queuing.queueLengthLimit ??= 50
}

export function validatePriorityLevel(level: PriorityLevelConfiguration): FieldError[] {
  const { spec } = level
  if (spec === undefined) return [required('spec')]
  return [...validateType(level, spec), ...validateSpec(spec), ...validateMandatory(level, spec)]
}

function validateType(level: PriorityLevelConfiguration, { type }: PriorityLevelConfigurationSpec): FieldError[] {
  const words = `type must be 'Exempt' if and only if name is '${exempt}'`
  return (nameOf(level) === exempt) === (type === 'Exempt') ? [] : [invalid('spec.type', type, words)]
}

function validateSpec({ type, limited, exempt: free }: PriorityLevelConfigurationSpec): FieldError[] {
  switch (type) {
    case 'Exempt':
      return [
        ...(limited === undefined ? [] : [forbidden('spec.limited', 'must be nil if the type is not Limited')]),
        ...checkShares('spec.exempt', free),
        ...checkLent('spec.exempt', free),
      ]
    case 'Limited':
      return [
        ...(free === undefined ? [] : [forbidden('spec.exempt', 'must be nil if the type is Limited')]),
        ...(limited === undefined
          ? [required('spec.limited', 'must not be empty when type is Limited')]
          : validateLimited(limited)),
      ]
    default:
      return [notSupported('spec.type', type, ['Exempt', 'Limited'])]
  }
}

/** Of the level that is exempt, how much it lends is free to choose. */
function validateMandatory(level: PriorityLevelConfiguration, spec: PriorityLevelConfigurationSpec): FieldError[] {
  const name = nameOf(level)
  const fixed = Object.hasOwn(mandatoryPriorityLevels, name) ? mandatoryPriorityLevels[name] : undefined
  if (fixed === undefined) return []
  if (name !== exempt)
    return sameValue(spec, fixed) ? [] : [invalid('spec', spec, `spec of '${name}' must equal the fixed value`)]
  if (sameValue({ ...spec, exempt: undefined }, { ...fixed, exempt: undefined })) return []
  return [invalid('spec', spec, `spec of '${name}' except the 'spec.${name}' field must equal the fixed value`)]
}

function checkShares(
  path: string,
  { nominalConcurrencyShares = 0 }: LimitedPriorityLevelConfiguration = {},
): FieldError[] {
  return nominalConcurrencyShares < 0
    ? [invalid(`${path}.nominalConcurrencyShares`, nominalConcurrencyShares, 'must be a non-negative integer')]
    : []
}

function checkLent(path: string, { lendablePercent = 0 }: LimitedPriorityLevelConfiguration = {}): FieldError[] {
  return lendablePercent < 0 || lendablePercent > 100
    ? [invalid(`${path}.lendablePercent`, lendablePercent, 'must be between 0 and 100, inclusive')]
    : []
}

function validateLimited(limited: LimitedPriorityLevelConfiguration): FieldError[] {
  const { borrowingLimitPercent: borrowed = 0, limitResponse } = limited
  const path = 'spec.limited'
  return [
    ...checkShares(path, limited),
    ...validateResponse(limitResponse),
    ...checkLent(path, limited),
    ...(borrowed < 0
      ? [invalid(`${path}.borrowingLimitPercent`, borrowed, 'if specified, must be a non-negative integer')]
      : []),
  ]
}

function validateResponse({ type, queuing }: Partial<LimitResponse> = {}): FieldError[] {
  const path = 'spec.limited.limitResponse'
  switch (type) {
    case 'Reject':
      return queuing === undefined
        ? []
        : [forbidden(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')]
    case 'Queue':
      return queuing === undefined
        ? [required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')]
        : validateQueuing(queuing, `${path}.queuing`)
    default:
      return [notSupported(`${path}.type`, type ?? '', ['Queue', 'Reject'])]
  }
}

function validateQueuing(
  { queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration,
  path: string,
): FieldError[] {
  const atLeastOne = (field: string, value: number): FieldError[] =>
    value > 0 ? [] : [invalid(`${path}.${field}`, value, 'must be positive')]
  return [
    ...atLeastOne('queueLengthLimit', queueLengthLimit),
    ...atLeastOne('queues', queues),
    ...(queues > mostQueues ? [invalid(`${path}.queues`, queues, `must not be greater than ${mostQueues}`)] : []),
    ...(handSize > 0 ? validateHand(handSize, queues, `${path}.handSize`) : atLeastOne('handSize', handSize)),
  ]
}

function validateHand(handSize: number, queues: number, path: string): FieldError[] {
  if (handSize > queues) return [invalid(path, handSize, `should not be greater than queues (${queues})`)]
  const words = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostEntropyBits}`
  return entropyBits(queues, handSize) > mostEntropyBits ? [invalid(path, handSize, words)] : []
}

/** Of a hash that can deal every hand. */
function entropyBits(queues: number, handSize: number): number {
  let bits = 0
  for (let dealt = 0; dealt < handSize && bits <= mostEntropyBits; dealt++) bits += Math.log2(queues - dealt)
  return Math.ceil(bits)
}
