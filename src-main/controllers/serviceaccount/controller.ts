/** Every namespace has a ServiceAccount named `default`, for pods that ask for none. */
import { isReason } from '../../api/errors.ts'
import { namespace as namespaceKind } from '../../api/kinds/core/namespace.ts'
import { serviceAccount as serviceAccountKind } from '../../api/kinds/core/service-account.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { isNamespaceTerminating } from '../pod-control.ts'

const name = 'default'

export function startServiceAccountController(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const namespaces = informers.of(namespaceKind)
  const accounts = informers.of(serviceAccountKind)
  return runController({
    name: 'serviceaccount',
    kind: namespaceKind,
    sources: [
      watchOwn(namespaces),
      watchMapped(accounts, ({ metadata }) => (metadata.name === name ? [metadata.namespace ?? ''] : [])),
    ],
    async reconcile(namespace, { cause }) {
      const object = namespaces.lister.byKey(namespace)
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return
      if (accounts.lister.get(namespace, name) !== undefined) return
      try {
        await client.create(serviceAccountKind, { metadata: { name, namespace } }, { cause })
      } catch (error) {
        if (!isReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error
      }
    },
    clock,
    random,
    log,
    probe,
  })
}
