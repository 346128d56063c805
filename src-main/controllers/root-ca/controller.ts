/** Every namespace has the certificates by which its pods know the API server. */
import { isReason } from '../../api/errors.ts'
import { configMap as configMapKind } from '../../api/kinds/core/config-map.ts'
import { namespace as namespaceKind } from '../../api/kinds/core/namespace.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { isNamespaceTerminating } from '../pod-control.ts'

const name = 'kube-root-ca.crt'
const file = 'ca.crt'

/** `rootCertificates` is PEM text. */
export function startRootCaController(context: ControllerContext, rootCertificates: string): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const namespaces = informers.of(namespaceKind)
  const configMaps = informers.of(configMapKind, { fieldSelector: `metadata.name=${name}` })
  return runController({
    name: 'root-ca',
    kind: namespaceKind,
    sources: [watchOwn(namespaces), watchMapped(configMaps, ({ metadata }) => [metadata.namespace ?? ''])],
    async reconcile(namespace, { cause }) {
      const object = namespaces.lister.byKey(namespace)
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return
      const existing = configMaps.lister.get(namespace, name)
      if (existing !== undefined) {
        if (existing.data?.[file] === rootCertificates && Object.keys(existing.data).length === 1) return
        await client.update(configMapKind, { ...existing, data: { [file]: rootCertificates } }, { cause })
        return
      }
      try {
        const wanted = { metadata: { name, namespace }, data: { [file]: rootCertificates } }
        await client.create(configMapKind, wanted, { cause })
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
