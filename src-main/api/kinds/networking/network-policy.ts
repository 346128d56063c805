import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, problemsAt } from '../../meta/field-checks.ts'
import { cidrProblems } from '../../meta/ip.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../types/networking-v1.ts'
import { validatePortReference } from '../core/pod-spec/probes.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn, selectorText } from '../table-columns.ts'

const columns: readonly Column<NetworkPolicy>[] = [
  nameColumn,
  column('Pod-Selector', 'string', ({ spec }) => selectorText(spec?.podSelector)),
  ageColumn,
]

function validatePorts(ports: readonly NetworkPolicyPort[] | undefined, path: string): FieldError[] {
  return checkEach(path, ports, ({ protocol, port }, at) => [
    ...checkOptionalOneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
    ...(port === undefined ? [] : validatePortReference(port, `${at}.port`)),
  ])
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
      ...problemsAt(`${at}.ipBlock.cidr`, ipBlock.cidr, cidrProblems(ipBlock.cidr ?? '')),
      ...checkEach(`${at}.ipBlock.except`, ipBlock.except, (cidr, one) => problemsAt(one, cidr, cidrProblems(cidr))),
    ]
  })
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
  defaults({ spec }) {
    if (spec === undefined) return
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
    ...checkEach('spec.policyTypes', spec?.policyTypes, (type, path) =>
      checkOptionalOneOf(path, type, ['Egress', 'Ingress']),
    ),
  ],
  prepareCreate: startGeneration,
})
