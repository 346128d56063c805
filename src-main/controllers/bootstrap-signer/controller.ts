/** Keeps the signatures of `kube-public/cluster-info`, where somebody has made it. */
import { isReason } from '../../api/errors.ts'
import { configMap as configMapKind } from '../../api/kinds/core/config-map.ts'
import { secret as secretKind } from '../../api/kinds/core/secret.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { endOf, planSignatures } from './plan.ts'

const info = 'kube-public/cluster-info'
const infoScope = { namespace: 'kube-public', fieldSelector: 'metadata.name=cluster-info' }
const tokenScope = { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' }

export function startBootstrapSigner(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const infos = informers.of(configMapKind, infoScope)
  const tokens = informers.of(secretKind, tokenScope)
  return runController({
    name: 'bootstrap-signer',
    kind: configMapKind,
    sources: [watchOwn(infos), watchMapped(tokens, () => [info])],
    async reconcile(key, { cause }) {
      const object = infos.lister.byKey(key)
      if (object === undefined) return
      const now = clock.now()
      const secrets = tokens.lister.list()
      const data = planSignatures(object, secrets, now)
      if (data !== undefined)
        await client.update(configMapKind, { ...object, data }, { cause }).catch((error: unknown) => {
          if (!isReason(error, 'NotFound')) throw error
        })
      const ends = secrets.flatMap((secret) => endOf(secret) ?? []).filter((end) => end > now)
      return ends.length === 0 ? undefined : { requeueAfterMs: Math.min(...ends) - now }
    },
    clock,
    random,
    log,
    probe,
  })
}
