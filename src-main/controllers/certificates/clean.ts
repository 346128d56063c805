/** Removes certificate requests that nobody needs any more: decided an hour ago, or never decided. */
import { isReason } from '../../api/errors.ts'
import { certificateSigningRequest as requestKind } from '../../api/kinds/certificates/certificate-signing-request.ts'
import type { Live } from '../../api/meta/object.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.ts'
import { runController } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'

const hourMs = 3_600_000
const pendingMs = 24 * hourMs

/** When the request may go, in Unix milliseconds. */
export function endOfRequest({ metadata, status }: Live<CertificateSigningRequest>): number {
  const decided = (status?.conditions ?? []).filter(({ type }) => ['Approved', 'Denied', 'Failed'].includes(type))
  const times = decided.map(({ lastUpdateTime, lastTransitionTime }) =>
    Date.parse(lastUpdateTime ?? lastTransitionTime ?? metadata.creationTimestamp),
  )
  return times.length === 0 ? Date.parse(metadata.creationTimestamp) + pendingMs : Math.max(...times) + hourMs
}

export function startCertificateCleaner(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const requests = informers.of(requestKind)
  return runController({
    name: 'certificate-cleaner',
    kind: requestKind,
    sources: [watchOwn(requests)],
    async reconcile(name, { cause }) {
      const request = requests.lister.byKey(name)
      if (request === undefined) return
      const leftMs = endOfRequest(request) - clock.now()
      if (leftMs > 0) return { requeueAfterMs: leftMs }
      const preconditions = { uid: request.metadata.uid }
      await client.delete(requestKind, { name }, { preconditions, cause }).catch((error: unknown) => {
        if (!isReason(error, 'NotFound', 'Conflict')) throw error
      })
    },
    clock,
    random,
    log,
    probe,
  })
}
