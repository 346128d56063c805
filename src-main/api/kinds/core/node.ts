import { defineKind, type Column } from '../../define-kind.ts'
import { findCondition } from '../../meta/conditions.ts'
import { duplicate, forbidden, required } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { cidrProblems } from '../../meta/ip.ts'
import { labelValueProblems } from '../../meta/names.ts'
import { checkLabelKey } from '../../meta/validate-labels.ts'
import type { Node } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn, none, unknown, wideColumn } from '../table-columns.ts'
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
  validate({ spec }) {
    const taints = new Set<string>()
    return [
      ...checkEach('spec.taints', spec?.taints, ({ key = '', value = '', effect }, path) => {
        const errors = [
          ...(key === '' ? [required(`${path}.key`)] : checkLabelKey(`${path}.key`, key)),
          ...problemsAt(`${path}.value`, value, labelValueProblems(value)),
          ...checkOneOf(`${path}.effect`, effect, taintEffects),
        ]
        const taint = `${key}:${effect}`
        if (taints.has(taint)) errors.push(duplicate(path, { key, effect }))
        taints.add(taint)
        return errors
      }),
      ...(spec?.podCIDR === undefined ? [] : problemsAt('spec.podCIDR', spec.podCIDR, cidrProblems(spec.podCIDR))),
      ...checkEach('spec.podCIDRs', spec?.podCIDRs, (cidr, path) => problemsAt(path, cidr, cidrProblems(cidr))),
    ]
  },
  validateUpdate: ({ spec }, { spec: before }) => [
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
