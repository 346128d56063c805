/** Removes certificate requests that nobody needs any more: answered an hour ago, or never answered, or run out. */
import { X509Certificate } from 'node:crypto'
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

/** When the request may go, in Unix milliseconds: for the first reason of several. */
export function endOfRequest({ metadata, status }: Live<CertificateSigningRequest>): number {
  const { conditions = [], certificate = '' } = status ?? {}
  if (conditions.length === 0) return Date.parse(metadata.creationTimestamp) + pendingMs
  const ends = conditions.map(({ type, lastUpdateTime }) => {
    // Without a time nothing is ever old.
    const since = lastUpdateTime === undefined ? Infinity : Date.parse(lastUpdateTime)
    if (type === 'Denied' || type === 'Failed') return since + hourMs
    if (type !== 'Approved') return Infinity
    return certificate === '' ? since + pendingMs : Math.min(since + hourMs, expiryOf(certificate))
  })
  return Math.min(...ends)
}

function expiryOf(certificate: string): number {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).validToDate.getTime()
  } catch {
    // What cannot be read does not run out.
    return Infinity
  }
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
      if (leftMs === Infinity) return
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
