/** A pod runs as some service account, and carries what it needs to talk to the API as that account. */
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/types/core-v1.ts'
import type { AdmissionContext, AdmissionPlugin } from './admission.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
/** A little more than an hour, so that a token made anew in time never has less than one. */
const tokenSeconds = 3607
const readableByAll = 0o644

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate({ operation, kind, subresource, namespace, object }, context) {
    if (operation !== 'CREATE' || kind.group !== '' || kind.kind !== 'Pod' || subresource !== '') return
    const { spec } = object as Pod
    if (spec === undefined) return
    if (spec.serviceAccountName === undefined || spec.serviceAccountName === '')
      spec.serviceAccountName = spec.serviceAccount ?? 'default'
    // The old name of the field: clients still read it.
    spec.serviceAccount = spec.serviceAccountName
    if (context.accountTokens !== undefined) addToken(spec, namespace, context)
  },
}

function addToken(spec: PodSpec, namespace: string, { cache, random }: AdmissionContext): void {
  const stored = cache.resource('core/serviceaccounts').get(`${namespace}/${spec.serviceAccountName ?? ''}`)
  const account = stored?.object as ServiceAccount | undefined
  if (account === undefined) return
  if ((spec.automountServiceAccountToken ?? account.automountServiceAccountToken) === false) return
  const containers = [...(spec.initContainers ?? []), ...spec.containers].filter((container) => !hasMount(container))
  if (containers.length === 0) return
  const volume = accessVolume(random.suffix(5))
  spec.volumes = [...(spec.volumes ?? []), volume]
  for (const container of containers)
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: volume.name, mountPath, readOnly: true }]
}

const hasMount = ({ volumeMounts }: Container): boolean =>
  volumeMounts?.some((mount) => mount.mountPath === mountPath) === true

/** The token, the certificates by which the pod knows the server, and the pod's own namespace. */
function accessVolume(suffix: string): Volume {
  return {
    name: `kube-api-access-${suffix}`,
    projected: {
      defaultMode: readableByAll,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  }
}
