/** Who may ask for, approve, sign and attest certificates. */
import { forbiddenRequest } from '../../api/errors.ts'
import { readCertificateRequest } from '../../api/kinds/certificates/certificate-request.ts'
import { clientSigner } from '../../api/kinds/certificates/signers.ts'
import { sameValue } from '../../api/meta/field-checks.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

const group = 'certificates.k8s.io'

const isRequest = ({ kind }: AdmissionRequest): boolean =>
  kind.group === group && kind.plural === 'certificatesigningrequests'
const isPodRequest = ({ kind }: AdmissionRequest): boolean =>
  kind.group === group && kind.plural === 'podcertificaterequests'
const requestOf = (object: object | undefined): CertificateSigningRequest => object as CertificateSigningRequest

/** Writes down who asks: a client cannot say so itself. */
export const certificateRequestor: AdmissionPlugin = {
  name: 'CertificateRequestor',
  mutate(request, { clock }) {
    if (!isRequest(request)) return
    const { operation, object, user } = request
    const draft = requestOf(object)
    if (operation === 'CREATE' && draft.spec !== undefined) {
      const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...asked } = draft.spec
      draft.spec = {
        ...asked,
        username: user.name,
        ...(user.uid === undefined ? {} : { uid: user.uid }),
        groups: [...user.groups],
        ...(user.extra === undefined
          ? {}
          : { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) }),
      }
    }
    const now = timestamp(clock.now())
    for (const condition of draft.status?.conditions ?? []) {
      condition.lastUpdateTime ??= now
      condition.lastTransitionTime ??= now
    }
  },
}

export const certificateApproval: AdmissionPlugin = {
  name: 'CertificateApproval',
  validate(request, context) {
    if (!isRequest(request) || request.operation !== 'UPDATE' || request.subresource !== 'approval') return
    refuseUnlessSigner(request, context, 'approve', 'approve requests with')
  },
}

export const certificateSigning: AdmissionPlugin = {
  name: 'CertificateSigning',
  validate(request, context) {
    if (request.operation !== 'UPDATE' || request.subresource !== 'status') return
    if (isPodRequest(request)) return refuseUnlessSigner(request, context, 'sign', 'sign requests with')
    if (!isRequest(request)) return
    const [before, after] = [requestOf(request.previous).status, requestOf(request.object).status]
    if (sameValue(before?.certificate, after?.certificate) && sameValue(failed(before), failed(after))) return
    refuseUnlessSigner(request, context, 'sign', 'sign requests with')
  },
}

const failed = (status: CertificateSigningRequest['status']): unknown =>
  status?.conditions?.find(({ type }) => type === 'Failed')

/** The group that may do everything is not to be had by a certificate. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (!isRequest(request) || request.operation !== 'CREATE' || request.subresource !== '') return
    const { spec } = requestOf(request.object)
    if (spec?.signerName !== clientSigner) return
    if (readCertificateRequest(spec.request)?.organizations.includes('system:masters') !== true) return
    const detail = `use of ${clientSigner} signer with system:masters group is not allowed`
    throw forbiddenRequest(request.kind, request.name, detail)
  },
}

export const clusterTrustBundleAttest: AdmissionPlugin = {
  name: 'ClusterTrustBundleAttest',
  validate(request, context) {
    const { kind, operation, object } = request
    if (kind.group !== group || kind.plural !== 'clustertrustbundles' || operation === 'DELETE') return
    if (((object as { spec?: { signerName?: string } }).spec?.signerName ?? '') === '') return
    refuseUnlessSigner(request, context, 'attest', 'attest for')
  },
}

/** `signers` is a resource that only rights speak of: by its name, or `domain/*` for all of a domain. */
function refuseUnlessSigner(
  { kind, name, user, object }: AdmissionRequest,
  { authorizer }: AdmissionContext,
  verb: string,
  words: string,
): void {
  const { signerName = '' } = (object as { spec?: { signerName?: string } }).spec ?? {}
  const [domain = ''] = signerName.split('/')
  const isAllowed = [signerName, `${domain}/*`].some((signer) => {
    const target = { group, version: '*', plural: 'signers', namespace: '', name: signer, subresource: '', rest: [] }
    return authorizer.decide(user, { type: 'resource', verb, target }).allowed
  })
  if (!isAllowed)
    throw forbiddenRequest(kind, name, `user not permitted to ${words} signerName ${JSON.stringify(signerName)}`)
}
