/** A kubelet asks a signer for a certificate of one of its pods (KEP-4317). */
import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, required, tooLong, type FieldError } from '../../field-error.ts'
import { checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import type { PodCertificateRequest } from '../../types/certificates-v1beta1.ts'
import { column, nameColumn } from '../table-columns.ts'
import { isRequestInDer } from './certificate-request.ts'
import { validateCertificateStatus } from './pod-certificate-status.ts'
import { validateSignerName } from './request-validation.ts'

type Spec = NonNullable<PodCertificateRequest['spec']>

const defaultSeconds = 86_400
const shortestSeconds = 3600
const longestSeconds = 91 * 86_400
/** Signers of Kubernetes itself give no certificate for longer. */
const longestOwnSeconds = 86_400
const longestUid = 128
const longestRequestBytes = 10 * 1024

function validateSpec(spec: Partial<Spec>): FieldError[] {
  const { signerName = '', maxExpirationSeconds: seconds } = spec
  const longest = signerName.startsWith('kubernetes.io/') ? longestOwnSeconds : longestSeconds
  return [
    ...validateSignerName('spec.signerName', signerName),
    ...validateObject('pod', spec.podName, spec.podUID),
    ...validateObject('serviceAccount', spec.serviceAccountName, spec.serviceAccountUID),
    ...validateObject('node', spec.nodeName, spec.nodeUID),
    ...(seconds === undefined ? [required('spec.maxExpirationSeconds', 'must be set')] : []),
    ...(seconds !== undefined && (seconds < shortestSeconds || seconds > longest)
      ? [invalid('spec.maxExpirationSeconds', seconds, `must be in the range [${shortestSeconds}, ${longest}]`)]
      : []),
    ...validateStub(spec.stubPKCS10Request ?? ''),
  ]
}

function validateObject(what: string, name = '', uid = ''): FieldError[] {
  const [namePath, uidPath] = [`spec.${what}Name`, `spec.${what}UID`]
  return [
    ...problemsAt(namePath, name, dnsSubdomainProblems(name)),
    ...(uid === '' ? [invalid(uidPath, uid, 'must not be empty')] : []),
    ...(uid.length > longestUid ? [tooLong(uidPath, longestUid)] : []),
  ]
}

/** It says which key is to be certified, and proves that whoever asks has it. */
function validateStub(base64: string): FieldError[] {
  const path = 'spec.stubPKCS10Request'
  if (base64 === '') return [required(path, 'must not be empty')]
  if ((base64.length * 3) / 4 > longestRequestBytes) return [tooLong(path, longestRequestBytes)]
  return isRequestInDer(base64)
    ? []
    : [invalid(path, '<value omitted>', 'must be a PKCS#10 certificate request in DER')]
}

const outcomeOf = ({ status }: PodCertificateRequest): string => status?.conditions?.[0]?.type ?? 'Pending'

const columns: readonly Column<PodCertificateRequest>[] = [
  nameColumn,
  column('PodName', 'string', ({ spec }) => spec?.podName ?? ''),
  column('ServiceAccountName', 'string', ({ spec }) => spec?.serviceAccountName ?? ''),
  column('NodeName', 'string', ({ spec }) => spec?.nodeName ?? ''),
  column('SignerName', 'string', ({ spec }) => spec?.signerName ?? ''),
  column('State', 'string', outcomeOf),
]

export const podCertificateRequest = defineKind<PodCertificateRequest>({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'PodCertificateRequest',
  plural: 'podcertificaterequests',
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
  columns,
  selectableFields: {
    'spec.signerName': ({ spec }) => spec?.signerName ?? '',
    'spec.podName': ({ spec }) => spec?.podName ?? '',
    'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
  },
  defaults({ spec }) {
    if (spec !== undefined) spec.maxExpirationSeconds ??= defaultSeconds
  },
  prepareCreate(draft) {
    draft.status = {}
  },
  validateNew: ({ spec }) => validateSpec(spec ?? {}),
  validateUpdate: (object, previous, subresource = '') => [
    ...checkUnchanged('spec', object.spec, previous.spec),
    ...(subresource === 'status' ? validateCertificateStatus(object, previous) : []),
  ],
})
