import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../types/autoscaling-v2.ts'
import { none, unknown } from '../table-columns.ts'

const maximum = 2

/** Current and wanted value of each metric, as `cpu: 50%/80%, 3/10 + 1 more...`. */
export function metricsText(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return none
  const all = specs.map((spec, index) => metricText(spec, statuses[index]))
  const shown = all.slice(0, maximum).join(', ')
  return all.length > maximum ? `${shown} + ${all.length - maximum} more...` : shown
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  if (spec.resource !== undefined) {
    return `${spec.resource.name}: ${resourceText(spec.resource.target, status?.resource?.current)}`
  }
  if (spec.containerResource !== undefined) {
    const { name, target } = spec.containerResource
    return `${name}: ${resourceText(target, status?.containerResource?.current)}`
  }
  if (spec.pods !== undefined) {
    return `${status?.pods?.current?.averageValue ?? unknown}/${spec.pods.target?.averageValue ?? unknown}`
  }
  if (spec.object !== undefined) return averageText(spec.object.target, status?.object?.current)
  if (spec.external !== undefined) return averageText(spec.external.target, status?.external?.current)
  return '<unknown type>'
}

function resourceText(
  { averageValue, averageUtilization }: Partial<MetricTarget> = {},
  current: MetricValueStatus | undefined,
): string {
  if (averageValue !== undefined) return `${current?.averageValue ?? unknown}/${averageValue}`
  const percent = (value: number | undefined, absent: string): string => (value === undefined ? absent : `${value}%`)
  return `${percent(current?.averageUtilization, unknown)}/${percent(averageUtilization, '<auto>')}`
}

function averageText(
  { averageValue, value }: Partial<MetricTarget> = {},
  current: MetricValueStatus | undefined,
): string {
  if (averageValue !== undefined) return `${current?.averageValue ?? unknown}/${averageValue} (avg)`
  return `${current?.value ?? unknown}/${value ?? unknown}`
}
