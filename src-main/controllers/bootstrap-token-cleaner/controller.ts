/** Removes bootstrap tokens whose time is over. */
import { isReason } from '../../api/errors.ts'
import { secret as secretKind } from '../../api/kinds/core/secret.ts'
import { runController } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'

const scope = { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' }

export function startBootstrapTokenCleaner(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const secrets = informers.of(secretKind, scope)
  return runController({
    name: 'bootstrap-token-cleaner',
    kind: secretKind,
    sources: [watchOwn(secrets)],
    async reconcile(key, { cause }) {
      const secret = secrets.lister.byKey(key)
      const expiration = secret?.data?.['expiration']
      if (secret === undefined || expiration === undefined) return
      const leftMs = Date.parse(atob(expiration)) - clock.now()
      if (Number.isNaN(leftMs)) return
      if (leftMs > 0) return { requeueAfterMs: leftMs }
      const { name, namespace = '', uid } = secret.metadata
      await client
        .delete(secretKind, { name, namespace }, { preconditions: { uid }, cause })
        .catch((error: unknown) => {
          if (!isReason(error, 'NotFound', 'Conflict')) throw error
        })
    },
    clock,
    random,
    log,
    probe,
  })
}
