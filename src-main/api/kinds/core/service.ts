import { defineKind, type Column } from '../../define-kind.ts'
import { labelName } from '../../meta/names.ts'
import type { Service, ServicePort } from '../../types/core-v1.ts'
import { serviceWarnings } from '../../warnings/service-warnings.ts'
import { ageColumn, column, labelsText, nameColumn, none, unknown, wideColumn } from '../table-columns.ts'
import { defaultService, keepAllocated } from './service-defaults.ts'
import { validateServiceUpdate } from './service-addresses.ts'
import { validateService } from './service-validation.ts'

function externalIp({ spec, status }: Service): string {
  const own = spec?.externalIPs ?? []
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.length === 0 ? none : own.join(',')
    case 'LoadBalancer': {
      const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip = '', hostname = '' }) => ip || hostname)
      const all = [...new Set(ingress.filter((one) => one !== ''))].toSorted().concat(own)
      return all.length === 0 ? '<pending>' : all.join(',')
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return unknown
  }
}

function portText({ port, nodePort = 0, protocol = 'TCP' }: ServicePort): string {
  return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`
}

const columns: readonly Column<Service>[] = [
  nameColumn,
  column('Type', 'string', ({ spec }) => spec?.type ?? ''),
  column('Cluster-IP', 'string', ({ spec }) => spec?.clusterIPs?.[0] ?? (spec?.clusterIP || none)),
  column('External-IP', 'string', externalIp),
  column('Port(s)', 'string', ({ spec }) => (spec?.ports ?? []).map(portText).join(',') || none),
  ageColumn,
  wideColumn('Selector', 'string', ({ spec }) => labelsText(spec?.selector)),
]

export const service = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  short: ['svc'],
  categories: ['all'],
  scope: 'Namespaced',
  updatesCreate: true,
  subresources: { status: true },
  ownColumns: true,
  columns,
  selectableFields: {
    'spec.clusterIP': (object) => object.spec?.clusterIP ?? '',
    'spec.type': (object) => object.spec?.type ?? '',
  },
  nameRule: labelName,
  defaults: defaultService,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  prepareCreate(draft) {
    draft.status = { loadBalancer: {} }
  },
  prepareUpdate: keepAllocated,
  warn: serviceWarnings,
})
