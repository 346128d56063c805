/** Signs what is approved for one of the cluster's own signers. */
import { certificateSigningRequest as requestKind } from '../../api/kinds/certificates/certificate-signing-request.ts'
import { readCertificateRequest } from '../../api/kinds/certificates/certificate-request.ts'
import { signerChecks } from '../../api/kinds/certificates/signers.ts'
import { isConditionTrue } from '../../api/meta/conditions.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.ts'
import { runController } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'

export interface CertificateWish {
  /** PEM of a certificate request. */
  readonly request: string
  readonly usages: readonly string[]
  readonly seconds: number
}

/** The certificate in PEM. Rejects for a request that is not signed by its own key. */
export type SignCertificate = (wish: CertificateWish) => Promise<string>

const longestSeconds = 365 * 24 * 3600

export type SigningPlan =
  | { readonly type: 'none' }
  | { readonly type: 'fail'; readonly message: string }
  | { readonly type: 'sign'; readonly wish: CertificateWish }

export function planSigning({ spec, status }: CertificateSigningRequest): SigningPlan {
  const check = signerChecks.get(spec.signerName)
  const isOver = (status?.certificate ?? '') !== '' || isConditionTrue(status?.conditions, 'Failed')
  if (check === undefined || isOver || !isConditionTrue(status?.conditions, 'Approved')) return { type: 'none' }
  const asked = readCertificateRequest(spec.request)
  const problem = asked === undefined ? 'unable to parse csr' : check(asked, spec.usages ?? [])
  if (problem !== undefined) return { type: 'fail', message: problem }
  const seconds = Math.min(spec.expirationSeconds ?? longestSeconds, longestSeconds)
  return { type: 'sign', wish: { request: atob(spec.request), usages: spec.usages ?? [], seconds } }
}

export function startCertificateSigner(context: ControllerContext, sign: SignCertificate): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const requests = informers.of(requestKind)
  return runController({
    name: 'certificate-signer',
    kind: requestKind,
    sources: [watchOwn(requests, (request) => planSigning(request).type !== 'none')],
    async reconcile(name, { cause }) {
      const request = requests.lister.byKey(name)
      const plan = request === undefined ? undefined : planSigning(request)
      if (request === undefined || plan === undefined || plan.type === 'none') return
      const signed = plan.type === 'fail' ? { problem: plan.message } : await attempt(sign, plan.wish)
      const status =
        'problem' in signed
          ? {
              ...request.status,
              conditions: [
                ...(request.status?.conditions ?? []),
                { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: signed.problem },
              ],
            }
          : { ...request.status, certificate: btoa(signed.certificate) }
      await client.update(requestKind, { ...request, status }, { subresource: 'status', cause })
    },
    clock,
    random,
    log,
    probe,
  })
}

async function attempt(
  sign: SignCertificate,
  wish: CertificateWish,
): Promise<{ readonly certificate: string } | { readonly problem: string }> {
  try {
    return { certificate: await sign(wish) }
  } catch (error) {
    // The request itself is at fault: another try would end the same way.
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
