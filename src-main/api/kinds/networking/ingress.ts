import { defineKind, type Column } from '../../define-kind.ts'
import { invalid } from '../../field-error.ts'
import type { Ingress } from '../../types/networking-v1.ts'
import { ofNewObject } from '../../warnings/new-spec.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, firstOf, nameColumn, none } from '../table-columns.ts'
import { validateIngress, validateIngressStatus } from './ingress-validation.ts'

/** How the class was named before it had a field. */
const classAnnotation = 'kubernetes.io/ingress.class'

function hosts({ spec }: Ingress): string {
  const named = (spec?.rules ?? []).map(({ host = '' }) => host).filter((host) => host !== '')
  return named.length === 0 ? '*' : firstOf(named, 3)
}

function addresses({ status }: Ingress): string {
  const all = (status?.loadBalancer?.ingress ?? []).map(({ ip = '', hostname = '' }) => ip || hostname)
  return [...new Set(all)].toSorted().join(',')
}

const columns: readonly Column<Ingress>[] = [
  nameColumn,
  column('Class', 'string', ({ spec }) => spec?.ingressClassName ?? none),
  column('Hosts', 'string', hosts),
  column('Address', 'string', addresses),
  column('Ports', 'string', ({ spec }) => ((spec?.tls ?? []).length > 0 ? '80, 443' : '80')),
  ageColumn,
]

export const ingress = defineKind<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  short: ['ing'],
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
  columns,
  validate: ({ spec }) => validateIngress(spec ?? {}),
  validateNew({ metadata, spec }) {
    const annotation = metadata?.annotations?.[classAnnotation]
    const { ingressClassName } = spec ?? {}
    if (annotation === undefined || ingressClassName === undefined || annotation === ingressClassName) return []
    const words = 'must match `ingressClassName` when both are specified'
    return [invalid(`annotations.${classAnnotation}`, annotation, words)]
  },
  validateStatus: ({ status }) => validateIngressStatus(status),
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { loadBalancer: {} }
  },
  warn: ofNewObject(({ metadata, spec }) =>
    Object.hasOwn(metadata?.annotations ?? {}, classAnnotation) && spec?.ingressClassName === undefined
      ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  ),
})
