import { defineKind, type Column } from '../../define-kind.ts'
import { invalid } from '../../field-error.ts'
import { checkRequired, checkUnchanged } from '../../meta/field-checks.ts'
import { humanDuration } from '../../meta/duration.ts'
import { isConditionTrue } from '../../meta/conditions.ts'
import type { CertificateSigningRequest } from '../../types/certificates-v1.ts'
import { ageColumn, column, nameColumn, none } from '../table-columns.ts'

function conditionText({ status }: CertificateSigningRequest): string {
  const holds = (type: string): boolean => isConditionTrue(status?.conditions, type)
  const decided = holds('Denied') ? 'Denied' : holds('Approved') ? 'Approved' : 'Pending'
  const failed = holds('Failed') ? ',Failed' : ''
  return `${decided}${failed}${(status?.certificate ?? '') === '' ? '' : ',Issued'}`
}

const columns: readonly Column<CertificateSigningRequest>[] = [
  nameColumn,
  ageColumn,
  column('SignerName', 'string', ({ spec }) => spec?.signerName ?? ''),
  column('Requestor', 'string', ({ spec }) => spec?.username ?? ''),
  column('RequestedDuration', 'string', ({ spec }) =>
    spec?.expirationSeconds === undefined ? none : humanDuration(spec.expirationSeconds * 1000),
  ),
  column('Condition', 'string', conditionText),
]

export const certificateSigningRequest = defineKind<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  short: ['csr'],
  scope: 'Cluster',
  subresources: { status: true },
  ownColumns: true,
  columns,
  selectableFields: { 'spec.signerName': ({ spec }) => spec?.signerName ?? '' },
  validate({ spec }) {
    const seconds = spec?.expirationSeconds
    const words = 'may not specify a duration less than 600 seconds (10 minutes)'
    return [
      ...checkRequired('spec.request', spec?.request),
      ...checkRequired('spec.signerName', spec?.signerName),
      ...(seconds !== undefined && seconds < 600 ? [invalid('spec.expirationSeconds', seconds, words)] : []),
    ]
  },
  validateUpdate: (object, previous) => checkUnchanged('spec', object.spec, previous.spec),
  prepareCreate(draft) {
    draft.status = {}
  },
})
