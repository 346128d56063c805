/** Approves what nodes ask for themselves, when whoever asks has a right to it. */
import { certificateSigningRequest as requestKind } from '../../api/kinds/certificates/certificate-signing-request.ts'
import { readCertificateRequest } from '../../api/kinds/certificates/certificate-request.ts'
import { checkKubeletClient, kubeletClientSigner } from '../../api/kinds/certificates/signers.ts'
import { kindByName } from '../../api/kinds/index.ts'
import { isConditionTrue } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { SubjectAccessReview } from '../../api/types/authorization-v1.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.ts'
import type { Client } from '../../client/client.ts'
import { runController } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'

type Request = Live<CertificateSigningRequest>

export const isDecided = ({ status }: CertificateSigningRequest): boolean =>
  isConditionTrue(status?.conditions, 'Approved') || isConditionTrue(status?.conditions, 'Denied')

/** The rights of which one is enough, the narrowest first; none: such a request is for a person to decide. */
export function rightsFor({ spec }: CertificateSigningRequest): readonly string[] {
  if (spec.signerName !== kubeletClientSigner) return []
  const asked = readCertificateRequest(spec.request)
  if (asked === undefined || checkKubeletClient(asked, spec.usages ?? []) !== undefined) return []
  return asked.commonName === spec.username ? ['selfnodeclient', 'nodeclient'] : ['nodeclient']
}

export function startCertificateApprover(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const requests = informers.of(requestKind)
  return runController({
    name: 'certificate-approver',
    kind: requestKind,
    sources: [watchOwn(requests, (request) => !isDecided(request) && rightsFor(request).length > 0)],
    async reconcile(name, { cause }) {
      const request = requests.lister.byKey(name)
      if (request === undefined || isDecided(request)) return
      const rights = rightsFor(request)
      for (const right of rights) {
        if (!(await isAllowed(client, request, right))) continue
        const condition = {
          type: 'Approved',
          status: 'True',
          reason: 'AutoApproved',
          message:
            right === 'selfnodeclient'
              ? 'Auto approving self kubelet client certificate after SubjectAccessReview.'
              : 'Auto approving kubelet client certificate after SubjectAccessReview.',
        }
        const status = { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] }
        await client.update(requestKind, { ...request, status }, { subresource: 'approval', cause })
        return
      }
      if (rights.length > 0)
        throw new Error(
          `recognized csr ${JSON.stringify(name)} as ${JSON.stringify(rights)} but subject access review was not approved`,
        )
    },
    clock,
    random,
    log,
    probe,
  })
}

async function isAllowed(client: Client, { spec }: Request, subresource: string): Promise<boolean> {
  const kind = kindByName('authorization.k8s.io/v1', 'SubjectAccessReview')
  if (kind === undefined) return false
  const { username = '', uid, groups = [], extra } = spec
  const review: SubjectAccessReview = {
    spec: {
      user: username,
      ...(uid === undefined ? {} : { uid }),
      groups,
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: {
        group: 'certificates.k8s.io',
        version: '*',
        resource: 'certificatesigningrequests',
        subresource,
        verb: 'create',
      },
    },
  }
  const answer = (await client.create(kind, review)) as SubjectAccessReview
  return answer.status?.allowed === true
}
