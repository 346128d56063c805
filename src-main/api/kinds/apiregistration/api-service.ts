import { withoutEnd } from '../../../lib/without-end.ts'
import { defineKind, type Column } from '../../define-kind.ts'
import { findCondition } from '../../meta/conditions.ts'
import { invalid, required, type FieldError } from '../../field-error.ts'
import { problemsAt } from '../../meta/field-checks.ts'
import { dns1035LabelProblems, dnsSubdomainProblems } from '../../meta/names.ts'
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

type Spec = NonNullable<APIService['spec']>
const none: Partial<Spec> = {}

function validateService({ metadata, spec }: APIService): FieldError[] {
  const { name = '' } = metadata ?? {}
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, service } = spec ?? none
  const wanted = `${version}.${group}`
  return [
    ...(name === wanted
      ? []
      : [invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: "${wanted}"`)]),
    ...(group === '' && version !== 'v1'
      ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...(group === '' ? [] : problemsAt('spec.group', group, dnsSubdomainProblems(group))),
    ...problemsAt('spec.version', version, dns1035LabelProblems(version)),
    ...priorityErrors('groupPriorityMinimum', groupPriorityMinimum, 20_000),
    ...priorityErrors('versionPriority', versionPriority, 1000),
    ...(service === undefined ? localErrors(spec ?? none) : remoteErrors(spec ?? none, service)),
  ]
}

const priorityErrors = (field: string, value: number, most: number): FieldError[] =>
  value > 0 && value <= most ? [] : [invalid(`spec.${field}`, value, `must be positive and less than ${most}`)]

const bundleBytes = (caBundle: string): number => Math.floor((withoutEnd(caBundle, '=').length * 3) / 4)

function localErrors({ caBundle = '', insecureSkipTLSVerify }: Partial<Spec>): FieldError[] {
  const words = 'local APIServices may not have'
  return [
    ...(caBundle === '' ? [] : [invalid('spec.caBundle', `${bundleBytes(caBundle)} bytes`, `${words} a caBundle`)]),
    ...(insecureSkipTLSVerify === true
      ? [invalid('spec.insecureSkipTLSVerify', true, `${words} insecureSkipTLSVerify`)]
      : []),
  ]
}

function remoteErrors(
  { caBundle = '', insecureSkipTLSVerify }: Partial<Spec>,
  { namespace = '', name = '', port = 443 }: NonNullable<Spec['service']>,
): FieldError[] {
  return [
    ...(namespace === '' ? [required('spec.service.namespace')] : []),
    ...(name === '' ? [required('spec.service.name')] : []),
    ...(Number.isInteger(port) && port >= 1 && port <= 65_535
      ? []
      : [invalid('spec.service.port', port, 'port is not valid: must be between 1 and 65535, inclusive')]),
    ...(insecureSkipTLSVerify === true && caBundle !== ''
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ]
}

export const apiService = defineKind<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  scope: 'Cluster',
  updatesNeedVersion: true,
  subresources: { status: true },
  nameRule: (name) => isServiceName(name),
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec?.service !== undefined) spec.service.port ??= 443
  },
  validate: validateService,
  prepareCreate(draft) {
    draft.status = draft.spec?.service === undefined ? localStatus(draft) : {}
  },
})
