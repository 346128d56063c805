/** The metrics that an autoscaler goes by: each of one source, with a target that fits it. */
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkRequired, checkSegment, problemsAt } from '../../meta/field-checks.ts'
import { pathSegmentProblems } from '../../meta/names.ts'
import { parseQuantity, QuantityError } from '../../meta/quantity.ts'
import type { MetricIdentifier, MetricSpec, MetricTarget } from '../../types/autoscaling-v2.ts'
import { validateReference } from './scale-bounds.ts'

/** Type → the field that says more of it. */
const sources = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const

export const validateMetrics = (metrics: readonly MetricSpec[] | undefined): FieldError[] =>
  checkEach('spec.metrics', metrics, validateMetric)

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const { type = '' } = metric
  const errors: FieldError[] = []
  const types = Object.keys(sources)
  if (type === '') errors.push(required(`${path}.type`, 'must specify a metric source type'))
  if (!types.includes(type)) errors.push(notSupported(`${path}.type`, type, types))
  const given = (['object', 'external', 'pods', 'resource', 'containerResource'] as const).filter(
    (field) => metric[field] !== undefined,
  )
  const [first] = given
  if (first !== undefined) errors.push(...validateSource(metric, first, `${path}.${first}`))
  const expected = types.includes(type) ? sources[type as keyof typeof sources] : undefined
  // Kubernetes says it again where it asks for what belongs to the type.
  if (expected === undefined) errors.push(notSupported(`${path}.type`, type, types))
  else if (!given.includes(expected))
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'))
  if (given.length === 1) return errors
  const others = given.filter((field) => field !== expected)
  return [...errors, ...others.map((one) => forbidden(`${path}.${one}`, 'must populate the given metric source only'))]
}

function validateSource(metric: MetricSpec, source: string, path: string): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric
  switch (source) {
    case 'object':
      return [
        ...validateReference(object?.describedObject, `${path}.describedObject`),
        ...validateIdentifier(object?.metric, `${path}.metric`),
        ...validateTarget(object?.target, `${path}.target`),
        ...needsOne(object?.target, `${path}.target`, 'must set either a target value or averageValue'),
      ]
    case 'external':
      return [
        ...validateIdentifier(external?.metric, `${path}.metric`),
        ...validateTarget(external?.target, `${path}.target`),
        ...needsOne(
          external?.target,
          `${path}.target`,
          'must set either a target value for metric or a per-pod target',
        ),
        ...(external?.target?.value !== undefined && external.target.averageValue !== undefined
          ? [forbidden(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target')]
          : []),
      ]
    case 'pods':
      return [
        ...validateIdentifier(pods?.metric, `${path}.metric`),
        ...validateTarget(pods?.target, `${path}.target`),
        ...(isPositive(pods?.target?.averageValue)
          ? []
          : [required(`${path}.target.averageValue`, 'must specify a positive target averageValue')]),
      ]
    case 'resource':
      return validateResource(resource?.name, resource?.target, path)
    default:
      return [
        ...validateResource(containerResource?.name, containerResource?.target, path),
        ...((containerResource?.container ?? '') === ''
          ? [required(`${path}.container`, 'must specify a container')]
          : problemsAt(
              `${path}.container`,
              containerResource?.container,
              pathSegmentProblems(containerResource?.container),
            )),
      ]
  }
}

function validateResource(name: string | undefined, target: MetricTarget | undefined, path: string): FieldError[] {
  const { averageUtilization: share, averageValue } = target ?? {}
  const either = 'must set either a target raw value or a target utilization'
  const both = 'may not set both a target raw value and a target utilization'
  return [
    ...checkRequired(`${path}.name`, name).map((error) => ({ ...error, detail: 'must specify a resource name' })),
    ...validateTarget(target, `${path}.target`),
    ...(share === undefined && averageValue === undefined
      ? [required(`${path}.target.averageUtilization`, either)]
      : []),
    ...(share !== undefined && averageValue !== undefined ? [forbidden(`${path}.target.averageValue`, both)] : []),
  ]
}

function validateIdentifier(metric: MetricIdentifier | undefined, path: string): FieldError[] {
  return checkSegment(`${path}.name`, metric?.name, 'must specify a metric name')
}

const needsOne = (target: MetricTarget | undefined, path: string, words: string): FieldError[] =>
  target?.value === undefined && target?.averageValue === undefined ? [required(`${path}.averageValue`, words)] : []

function validateTarget(target: MetricTarget | undefined, path: string): FieldError[] {
  const { type = '', value, averageValue, averageUtilization: share } = target ?? {}
  const errors: FieldError[] = type === '' ? [required(`${path}.type`, 'must specify a metric target type')] : []
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    errors.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  for (const [field, amount] of Object.entries({ value, averageValue }))
    if (amount !== undefined && !isPositive(amount))
      errors.push(invalid(`${path}.${field}`, amount, 'must be positive'))
  if (share !== undefined && share < 1)
    errors.push(invalid(`${path}.averageUtilization`, share, 'must be greater than 0'))
  return errors
}

/** What cannot be read is no amount. */
function isPositive(text: string | undefined): boolean {
  try {
    return text !== undefined && parseQuantity(text).nano > 0n
  } catch (error) {
    if (error instanceof QuantityError) return false
    throw error
  }
}
