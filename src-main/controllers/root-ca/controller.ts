/** Every namespace has the certificates by which its pods know the API server. */
import { isReason } from '../../api/errors.ts'
import { configMap as configMapKind } from '../../api/kinds/core/config-map.ts'
import { namespace as namespaceKind } from '../../api/kinds/core/namespace.ts'
import type { ConfigMap } from '../../api/types/core-v1.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { isNamespaceTerminating } from '../pod-control.ts'

const name = 'kube-root-ca.crt'
const file = 'ca.crt'
const description = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
}

/** The map as it must be; undefined when it is. */
export function planRootCa<T extends ConfigMap>(existing: T, rootCertificates: string): T | undefined {
  const { data = {}, metadata } = existing
  const told = Object.keys(description).every((one) => (metadata?.annotations?.[one] ?? '') !== '')
  if (told && data[file] === rootCertificates && Object.keys(data).length === 1) return undefined
  const annotations = { ...metadata?.annotations, ...description }
  return { ...existing, metadata: { ...metadata, annotations }, data: { [file]: rootCertificates } }
}

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
        const wanted = planRootCa(existing, rootCertificates)
        if (wanted !== undefined) await client.update(configMapKind, wanted, { cause })
        return
      }
      try {
        const metadata = { name, namespace, annotations: description }
        const wanted = { metadata, data: { [file]: rootCertificates } }
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
