import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkRequired, problemsAt } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import type { HTTPIngressPath, Ingress, IngressBackend } from '../../types/networking-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, firstOf, nameColumn, none } from '../table-columns.ts'

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

function validateBackend(backend: IngressBackend | undefined, path: string): FieldError[] {
  const { service, resource } = backend ?? {}
  if (resource !== undefined) {
    return service === undefined ? [] : [invalid(path, '', 'cannot set both resource and service backends')]
  }
  if (service === undefined) return [required(path, 'resource or service backend is required')]
  const { name = '', number = 0 } = service.port ?? {}
  const at = `${path}.service`
  return [
    ...checkRequired(`${at}.name`, service.name),
    ...(name === '' && number === 0 ? [required(at, 'port name or number is required')] : []),
    ...(name !== '' && number !== 0 ? [invalid(at, '', 'cannot set both port name & port number')] : []),
  ]
}

function validatePath({ path: place = '', pathType, backend }: HTTPIngressPath, path: string): FieldError[] {
  const absolute = place.startsWith('/') || (pathType === 'ImplementationSpecific' && place === '')
  return [
    ...(pathType === undefined
      ? [required(`${path}.pathType`, 'pathType must be specified')]
      : checkOneOf(`${path}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix'])),
    ...(absolute ? [] : [invalid(`${path}.path`, place, 'must be an absolute path')]),
    ...validateBackend(backend, `${path}.backend`),
  ]
}

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
  validate({ spec }) {
    const { rules = [], defaultBackend } = spec ?? {}
    const words = 'either `defaultBackend` or `rules` must be specified'
    return [
      ...(rules.length === 0 && defaultBackend === undefined ? [invalid('spec', rules, words)] : []),
      ...(defaultBackend === undefined ? [] : validateBackend(defaultBackend, 'spec.defaultBackend')),
      ...checkEach('spec.rules', rules, ({ host = '', http }, path) => [
        ...(host === ''
          ? []
          : problemsAt(`${path}.host`, host, dnsSubdomainProblems(host.startsWith('*.') ? host.slice(2) : host))),
        ...(http === undefined ? [] : (http.paths ?? []).length === 0 ? [required(`${path}.http.paths`)] : []),
        ...checkEach(`${path}.http.paths`, http?.paths, validatePath),
      ]),
    ]
  },
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { loadBalancer: {} }
  },
})
