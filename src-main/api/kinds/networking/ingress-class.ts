import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, required, tooLong, type FieldError } from '../../field-error.ts'
import { checkDomainPath, checkOneOf, checkSegment, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems } from '../../meta/names.ts'
import type { IngressClass, IngressClassParametersReference } from '../../types/networking-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn, none } from '../table-columns.ts'

function parameters({ spec }: IngressClass): string {
  const { parameters: reference } = spec ?? {}
  if (reference === undefined) return none
  const { apiGroup = '', kind, name } = reference
  return apiGroup === '' ? `${kind}/${name}` : `${kind}.${apiGroup}/${name}`
}

const columns: readonly Column<IngressClass>[] = [
  nameColumn,
  column('Controller', 'string', ({ spec }) => spec?.controller ?? ''),
  column('Parameters', 'string', parameters),
  ageColumn,
]

const longestController = 250
const scopes = ['Cluster', 'Namespace']

/** What says more of a class: an object of the cluster, or of one namespace. */
function validateParameters(reference: IngressClassParametersReference | undefined, path: string): FieldError[] {
  if (reference === undefined) return []
  const { apiGroup, kind, name, scope, namespace } = reference
  const at = `${path}.namespace`
  return [
    ...(apiGroup === undefined ? [] : problemsAt(`${path}.apiGroup`, apiGroup, dnsSubdomainProblems(apiGroup))),
    ...checkSegment(`${path}.kind`, kind),
    ...checkSegment(`${path}.name`, name),
    ...checkOneOf(`${path}.scope`, scope, scopes),
    ...(scope === 'Namespace' && namespace === undefined
      ? [required(at, "`parameters.scope` is set to 'Namespace'")]
      : []),
    ...(scope === 'Namespace' && namespace !== undefined ? problemsAt(at, namespace, dnsLabelProblems(namespace)) : []),
    ...(scope === 'Cluster' && namespace !== undefined
      ? [forbidden(at, "`parameters.scope` is set to 'Cluster'")]
      : []),
  ]
}

export const ingressClass = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec?.parameters !== undefined) spec.parameters.scope ??= 'Cluster'
  },
  validate: ({ spec }) => [
    ...((spec?.controller ?? '').length > longestController ? [tooLong('spec.controller', longestController)] : []),
    ...checkDomainPath('spec.controller', spec?.controller ?? ''),
    ...validateParameters(spec?.parameters, 'spec.parameters'),
  ],
  validateUpdate: (object, previous) =>
    checkUnchanged('spec.controller', object.spec?.controller, previous.spec?.controller),
  prepareCreate: startGeneration,
})
