import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, problemsAt } from '../../meta/field-checks.ts'
import { cidrProblems, isWithin } from '../../meta/ip.ts'
import { portNumberProblems } from '../../meta/names.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../types/networking-v1.ts'
import type { IntOrString } from '../../types/scalars.ts'
import { validatePortReference } from '../core/pod-spec/probes.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn, selectorText } from '../table-columns.ts'

const columns: readonly Column<NetworkPolicy>[] = [
  nameColumn,
  column('Pod-Selector', 'string', ({ spec }) => selectorText(spec?.podSelector)),
  ageColumn,
]

function validatePorts(ports: readonly NetworkPolicyPort[] | undefined, path: string): FieldError[] {
  return checkEach(path, ports, ({ protocol, port, endPort }, at) => [
    ...checkOptionalOneOf(`${at}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']),
    ...(port === undefined ? [] : validatePortReference(port, `${at}.port`)),
    ...(endPort === undefined ? [] : validateEndPort(endPort, port, `${at}.endPort`)),
  ])
}

function validateEndPort(endPort: number, port: IntOrString | undefined, path: string): FieldError[] {
  if (port === undefined) return [invalid(path, endPort, 'may not be specified when `port` is not specified')]
  if (typeof port === 'string') return [invalid(path, endPort, 'may not be specified when `port` is non-numeric')]
  return [
    ...(endPort < port ? [invalid(path, endPort, 'must be greater than or equal to `port`')] : []),
    ...problemsAt(path, endPort, portNumberProblems(endPort)),
  ]
}

/** A range, and smaller ones within it that do not count. */
function validateBlock({ cidr = '', except }: IPBlock, path: string): FieldError[] {
  if (cidr === '') return [required(`${path}.cidr`)]
  const errors = problemsAt(`${path}.cidr`, cidr, cidrProblems(cidr))
  if (errors.length > 0) return errors
  return checkEach(`${path}.except`, except, (one, at) => {
    const problems = cidrProblems(one)
    if (problems.length > 0) return problemsAt(at, one, problems)
    return isWithin(one, cidr) ? [] : [invalid(at, one, 'must be a strict subset of `cidr`')]
  })
}

function validatePeers(peers: readonly NetworkPolicyPeer[] | undefined, path: string): FieldError[] {
  return checkEach(path, peers, ({ podSelector, namespaceSelector, ipBlock }, at) => {
    const selects = podSelector !== undefined || namespaceSelector !== undefined
    if (ipBlock === undefined) {
      return [
        ...(selects ? [] : [required(at, 'must specify a peer')]),
        ...validateLabelSelector(podSelector, `${at}.podSelector`),
        ...validateLabelSelector(namespaceSelector, `${at}.namespaceSelector`),
      ]
    }
    return [
      ...(selects ? [forbidden(at, 'may not specify both ipBlock and another peer')] : []),
      ...validateBlock(ipBlock, `${at}.ipBlock`),
    ]
  })
}

function validateTypes(types: readonly string[]): FieldError[] {
  if (types.length > 2) return [invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  return checkEach('spec.policyTypes', types, (type, path) => checkOptionalOneOf(path, type, ['Ingress', 'Egress']))
}

export const networkPolicy = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  short: ['netpol'],
  scope: 'Namespaced',
  ownColumns: true,
  columns,
  defaults(draft) {
    const spec = (draft.spec ??= {})
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
    }
    if ((spec.policyTypes ?? []).length > 0) return
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  },
  validate: ({ spec }) => [
    ...validateLabelSelector(spec?.podSelector, 'spec.podSelector'),
    ...checkEach('spec.ingress', spec?.ingress, ({ from, ports }, path) => [
      ...validatePorts(ports, `${path}.ports`),
      ...validatePeers(from, `${path}.from`),
    ]),
    ...checkEach('spec.egress', spec?.egress, ({ to, ports }, path) => [
      ...validatePorts(ports, `${path}.ports`),
      ...validatePeers(to, `${path}.to`),
    ]),
    ...validateTypes(spec?.policyTypes ?? []),
  ],
  prepareCreate: startGeneration,
})
