import { defineKind, type Column } from '../../define-kind.ts'
import { findCondition } from '../../meta/conditions.ts'
import { duplicate, forbidden, invalid, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { cidrFamily, cidrProblems } from '../../meta/ip.ts'
import { labelValueProblems } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import { checkLabelKey } from '../../meta/validate-labels.ts'
import type { Node, NodeAddress, Taint } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn, none, unknown, wideColumn } from '../table-columns.ts'
import { checkQuantity } from './pod-spec/resources.ts'
import { taintEffects } from './pod-spec/tolerations.ts'

function statusText({ spec, status }: Node): string {
  const ready = findCondition(status?.conditions, 'Ready')
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text
}

const rolePrefix = 'node-role.kubernetes.io/'

function roles({ metadata }: Node): string {
  const found = new Set<string>()
  for (const [key, value] of Object.entries(metadata?.labels ?? {})) {
    const role = key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) : key === 'kubernetes.io/role' ? value : ''
    if (role !== '') found.add(role)
  }
  return [...found].toSorted().join(',') || none
}

const addressOf =
  (type: string) =>
  ({ status }: Node): string =>
    status?.addresses?.find((address) => address.type === type)?.address ?? none

const columns: readonly Column<Node>[] = [
  nameColumn,
  column('Status', 'string', statusText),
  column('Roles', 'string', roles),
  ageColumn,
  column('Version', 'string', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  wideColumn('Internal-IP', 'string', addressOf('InternalIP')),
  wideColumn('External-IP', 'string', addressOf('ExternalIP')),
  wideColumn('OS-Image', 'string', ({ status }) => status?.nodeInfo?.osImage || unknown),
  wideColumn('Kernel-Version', 'string', ({ status }) => status?.nodeInfo?.kernelVersion || unknown),
  wideColumn('Container-Runtime', 'string', ({ status }) => status?.nodeInfo?.containerRuntimeVersion || unknown),
]

/** Kubernetes looks for them below the metadata, where they once were an annotation. */
function validateTaints(taints: readonly Taint[] | undefined): FieldError[] {
  const isRepeat = repeats()
  return checkEach('metadata.taints', taints, (taint, path) => {
    const { key = '', value = '', effect } = taint
    const twice = { ...duplicate(path, taint), detail: 'taints must be unique by key and effect pair' }
    const problems = labelValueProblems(value)
    return [
      ...checkLabelKey(`${path}.key`, key),
      ...(problems.length === 0 ? [] : [invalid(`${path}.value`, value, problems.join(';'))]),
      ...checkOneOf(`${path}.effect`, effect, taintEffects),
      ...(isRepeat(`${effect}:${key}`) ? [twice] : []),
    ]
  })
}

const validateAmounts = (amounts: Readonly<Record<string, string>> | undefined, path: string): FieldError[] =>
  Object.entries(amounts ?? {}).flatMap(([name, amount]) => checkQuantity(`${path}.${name}`, amount))

/** What a client means that knows one range alone. */
const firstCidr = (cidr = ''): string[] => (cidr === '' ? [] : [cidr])

function validatePodCidrs(cidrs: readonly string[]): FieldError[] {
  const path = 'spec.podCIDRs'
  const isRepeat = repeats()
  const families = new Set(cidrs.map(cidrFamily))
  return [
    ...checkEach(path, cidrs, (cidr, at) => problemsAt(at, cidr, cidrProblems(cidr))),
    ...(families.size < cidrs.length
      ? [invalid(path, cidrs, 'may specify no more than one CIDR for each IP family')]
      : []),
    ...checkEach(path, cidrs, (cidr, at) => (isRepeat(cidr) ? [duplicate(at, cidr)] : [])),
  ]
}

function validateAddresses(addresses: readonly NodeAddress[] | undefined): FieldError[] {
  const isRepeat = repeats()
  return checkEach('status.addresses', addresses, ({ type, address }, path) =>
    isRepeat(`${type} ${address}`) ? [duplicate(path, { type, address })] : [],
  )
}

export const node = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  short: ['no'],
  scope: 'Cluster',
  subresources: { status: true },
  ownColumns: true,
  columns,
  selectableFields: { 'spec.unschedulable': (object) => String(object.spec?.unschedulable ?? false) },
  validate: ({ spec, status }) => [
    ...validateTaints(spec?.taints),
    ...validateAmounts(status?.capacity, 'status.capacity'),
    ...validateAmounts(status?.allocatable, 'status.allocatable'),
    ...validatePodCidrs(spec?.podCIDRs ?? firstCidr(spec?.podCIDR)),
  ],
  validateUpdate: ({ spec, status }, { spec: before }) => [
    ...validateAddresses(status?.addresses),
    ...(before?.podCIDRs === undefined || sameValue(spec?.podCIDRs, before.podCIDRs)
      ? []
      : [forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]),
    ...((before?.providerID ?? '') === '' || spec?.providerID === before?.providerID
      ? []
      : [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')]),
  ],
  defaults(draft) {
    draft.spec ??= {}
    if (draft.status?.capacity !== undefined) draft.status.allocatable ??= { ...draft.status.capacity }
  },
})
