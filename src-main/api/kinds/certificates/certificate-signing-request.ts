import { defineKind, type Column } from '../../define-kind.ts'
import { isConditionTrue } from '../../meta/conditions.ts'
import { humanDuration } from '../../meta/duration.ts'
import type { CertificateSigningRequest } from '../../types/certificates-v1.ts'
import { ageColumn, column, nameColumn, none } from '../table-columns.ts'
import { validateRequest, validateRequestUpdate } from './request-validation.ts'

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
  validateNew: (object) => validateRequest(object),
  validateUpdate: (object, previous, subresource = '') => [
    ...validateRequest(object, previous),
    ...validateRequestUpdate(object, previous, subresource),
  ],
  prepareCreate(draft) {
    draft.status = {}
  },
  prepareUpdate(draft, previous) {
    // What was asked, and by whom, stays.
    draft.spec = previous.spec
  },
})
