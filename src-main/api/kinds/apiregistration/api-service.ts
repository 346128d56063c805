import { defineKind, type Column } from '../../define-kind.ts'
import { findCondition } from '../../meta/conditions.ts'
import { invalid } from '../../field-error.ts'
import type { APIService } from '../../types/apiregistration-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

function serviceText({ spec }: APIService): string {
  const { service } = spec ?? {}
  return service === undefined ? 'Local' : `${service.namespace ?? ''}/${service.name ?? ''}`
}

function availableText({ status }: APIService): string {
  const available = findCondition(status?.conditions, 'Available')
  if (available === undefined) return 'Unknown'
  return available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`
}

const columns: readonly Column<APIService>[] = [
  nameColumn,
  column('Service', 'string', serviceText),
  column('Available', 'string', availableText),
  ageColumn,
]

/** The core group has an empty name, so its service ends with a dot. */
const isServiceName = (name: string): string[] =>
  /^v[a-z0-9]+\.[-a-z0-9.]*$/.test(name) ? [] : ['must be the version, a dot and the group']

/** What the server serves itself needs no check. */
const localStatus = ({ metadata }: APIService): NonNullable<APIService['status']> => ({
  conditions: [
    {
      ...{ type: 'Available', status: 'True', reason: 'Local' },
      message: 'Local APIServices are always available',
      ...(metadata?.creationTimestamp === undefined ? {} : { lastTransitionTime: metadata.creationTimestamp }),
    },
  ],
})

export const apiService = defineKind<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  scope: 'Cluster',
  subresources: { status: true },
  nameRule: (name) => isServiceName(name),
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec?.service !== undefined) spec.service.port ??= 443
  },
  validate({ metadata, spec }) {
    const { name = '' } = metadata ?? {}
    const wanted = `${spec?.version ?? ''}.${spec?.group ?? ''}`
    return name === wanted
      ? []
      : [invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: "${wanted}"`)]
  },
  prepareCreate(draft) {
    draft.status = draft.spec?.service === undefined ? localStatus(draft) : {}
  },
})
