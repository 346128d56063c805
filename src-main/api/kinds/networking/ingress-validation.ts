import { invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkSegment, problemsAt } from '../../meta/field-checks.ts'
import { ipFamily, ipProblems } from '../../meta/ip.ts'
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  portNameProblems,
  portNumberProblems,
  wildcardHostProblems,
} from '../../meta/names.ts'
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressServiceBackend,
  IngressSpec,
} from '../../types/networking-v1.ts'

const noAddress = 'must be a DNS name, not an IP address'

export function validateIngress({ rules = [], defaultBackend, tls, ingressClassName }: IngressSpec): FieldError[] {
  const words = 'either `defaultBackend` or `rules` must be specified'
  return [
    ...(rules.length === 0 && defaultBackend === undefined ? [invalid('spec', rules, words)] : []),
    ...(defaultBackend === undefined ? [] : validateBackend(defaultBackend, 'spec.defaultBackend')),
    ...checkEach('spec.rules', rules, ({ host = '', http }, path) => [
      ...(ipFamily(host) === undefined ? [] : [invalid(`${path}.host`, host, noAddress)]),
      ...(host === '' ? [] : validateHost(host, `${path}.host`)),
      ...(http !== undefined && (http.paths ?? []).length === 0 ? [required(`${path}.http.paths`)] : []),
      ...checkEach(`${path}.http.paths`, http?.paths, validatePath),
    ]),
    ...checkEach('spec.tls', tls, ({ hosts, secretName = '' }, path) => [
      ...checkEach(`${path}.hosts`, hosts, validateHost),
      ...(secretName === '' ? [] : problemsAt(`${path}.secretName`, secretName, dnsSubdomainProblems(secretName))),
    ]),
    ...(ingressClassName === undefined
      ? []
      : problemsAt('spec.ingressClassName', ingressClassName, dnsSubdomainProblems(ingressClassName))),
  ]
}

/** A host, or with a star all those of a domain. */
const validateHost = (host: string, path: string): FieldError[] =>
  problemsAt(path, host, host.includes('*') ? wildcardHostProblems(host) : dnsSubdomainProblems(host))

const refusedParts = ['//', '/./', '/../', '%2f', '%2F']
const refusedEnds = ['/..', '/.']
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

function validatePath({ path: place = '', pathType, backend }: HTTPIngressPath, path: string): FieldError[] {
  if (pathType === undefined) return [required(`${path}.pathType`, 'pathType must be specified')]
  const errors: FieldError[] = []
  const at = `${path}.path`
  if (!pathTypes.includes(pathType)) errors.push(notSupported(`${path}.pathType`, pathType, pathTypes))
  else if (!place.startsWith('/') && (pathType !== 'ImplementationSpecific' || place !== ''))
    errors.push(invalid(at, place, 'must be an absolute path'))
  if (pathType === 'Exact' || pathType === 'Prefix') {
    const parts = refusedParts.filter((part) => place.includes(part))
    const ends = refusedEnds.filter((end) => place.endsWith(end))
    errors.push(...parts.map((part) => invalid(at, place, `must not contain '${part}'`)))
    errors.push(...ends.map((end) => invalid(at, place, `cannot end with '${end}'`)))
  }
  return [...errors, ...validateBackend(backend, `${path}.backend`)]
}

function validateBackend(backend: IngressBackend | undefined, path: string): FieldError[] {
  const { service, resource } = backend ?? {}
  if (resource !== undefined && service !== undefined)
    return [invalid(path, '', 'cannot set both resource and service backends')]
  if (resource !== undefined) {
    const { apiGroup, kind, name } = resource
    return [
      ...(apiGroup === undefined
        ? []
        : problemsAt(`${path}.resource.apiGroup`, apiGroup, dnsSubdomainProblems(apiGroup))),
      ...checkSegment(`${path}.resource.kind`, kind),
      ...checkSegment(`${path}.resource.name`, name),
    ]
  }
  if (service === undefined) return [invalid(path, '', 'resource or service backend is required')]
  return validateServiceBackend(service, path)
}

function validateServiceBackend({ name = '', port }: IngressServiceBackend, path: string): FieldError[] {
  const { name: portName = '', number = 0 } = port ?? {}
  const at = `${path}.service`
  const errors = name === '' ? [required(`${at}.name`)] : problemsAt(`${at}.name`, name, dnsLabelProblems(name))
  if (portName !== '' && number !== 0) errors.push(invalid(path, '', 'cannot set both port name & port number'))
  else if (portName !== '') errors.push(...problemsAt(`${at}.port.name`, portName, portNameProblems(portName)))
  else if (number !== 0) errors.push(...problemsAt(`${at}.port.number`, number, portNumberProblems(number)))
  else errors.push(required(path, 'port name or number is required'))
  return errors
}

export function validateIngressStatus(status: Ingress['status']): FieldError[] {
  const path = 'status.loadBalancer.ingress'
  return checkEach(path, status?.loadBalancer?.ingress, ({ ip = '', hostname = '' }, at) => [
    ...(ip === '' ? [] : problemsAt(`${at}.ip`, ip, ipProblems(ip))),
    ...(hostname === '' ? [] : problemsAt(`${at}.hostname`, hostname, dnsSubdomainProblems(hostname))),
    ...(ipFamily(hostname) === undefined ? [] : [invalid(`${at}.hostname`, hostname, noAddress)]),
  ])
}
