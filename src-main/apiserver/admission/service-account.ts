/** A pod runs as some service account, and carries what it needs to talk to the API as that account. */
import { forbiddenRequest } from '../../api/errors.ts'
import { mirrorAnnotation } from '../../api/meta/pod.ts'
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/types/core-v1.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
/** A little more than an hour, so that a token made anew in time never has less than one. */
const tokenSeconds = 3607
const readableByAll = 0o644
/** The account that every namespace gets by itself, a moment after it was made, and how long that may take. */
const defaultAccount = 'default'
const patienceMs = 1500

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate(request, context) {
    const { operation, kind, subresource, object } = request
    if (operation !== 'CREATE' || kind.group !== '' || kind.kind !== 'Pod' || subresource !== '') return
    const { spec, metadata } = object as Pod
    if (spec === undefined) return
    if (metadata?.annotations?.[mirrorAnnotation] !== undefined) return checkMirror(request, spec)
    if (spec.serviceAccountName === undefined || spec.serviceAccountName === '')
      spec.serviceAccountName = spec.serviceAccount ?? defaultAccount
    // The old name of the field: clients still read it.
    spec.serviceAccount = spec.serviceAccountName
    if (context.accountTokens === undefined) return
    const account = accountOf(request, spec, context)
    if (account !== undefined) return furnish(spec, account, context)
    return awaitAccount(request, spec, context)
  },
}

function accountOf(
  { namespace }: AdmissionRequest,
  spec: PodSpec,
  { cache }: AdmissionContext,
): ServiceAccount | undefined {
  const stored = cache.resource('core/serviceaccounts').get(`${namespace}/${spec.serviceAccountName ?? ''}`)
  return stored?.object as ServiceAccount | undefined
}

async function awaitAccount(request: AdmissionRequest, spec: PodSpec, context: AdmissionContext): Promise<void> {
  const { kind, name, namespace } = request
  const wanted = spec.serviceAccountName ?? ''
  if (wanted === defaultAccount) await appearance(request, `${namespace}/${wanted}`, context)
  const account = accountOf(request, spec, context)
  if (account !== undefined) return furnish(spec, account, context)
  const words = `error looking up service account ${namespace}/${wanted}: serviceaccount ${JSON.stringify(wanted)} not found`
  throw forbiddenRequest(kind, name, words)
}

/** Resolves as soon as the account is there, the client has gone, or the wait is in vain. */
function appearance({ signal }: AdmissionRequest, key: string, { cache, clock }: AdmissionContext): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      void timer.dispose()
      void following.dispose()
      signal?.removeEventListener('abort', over)
      resolve()
    }
    const timer = clock.after(patienceMs, over)
    const following = cache.resource('core/serviceaccounts').follow((_previous, next) => {
      if (next?.key === key) over()
    })
    signal?.addEventListener('abort', over)
  })
}

/** What a kubelet shows of a pod that it runs on its own can have nothing that the API server would have to give. */
function checkMirror({ kind, name }: AdmissionRequest, spec: PodSpec): void {
  const refuse = (words: string): never => {
    throw forbiddenRequest(kind, name, `a mirror pod may not ${words}`)
  }
  if ((spec.serviceAccountName ?? '') !== '') refuse('reference service accounts')
  const containers: readonly Container[] = [...(spec.initContainers ?? []), ...spec.containers]
  const refersToSecret =
    spec.volumes?.some(({ secret }) => secret !== undefined) === true ||
    containers.some(
      ({ env, envFrom }) =>
        env?.some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) === true ||
        envFrom?.some(({ secretRef }) => secretRef !== undefined) === true,
    )
  if (refersToSecret) refuse('reference secrets')
  for (const { projected } of spec.volumes ?? [])
    if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined) === true)
      refuse('use ServiceAccountToken volume projections')
}

function furnish(spec: PodSpec, account: ServiceAccount, { random }: AdmissionContext): void {
  if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0)
    spec.imagePullSecrets = (account.imagePullSecrets ?? []).map((reference) => ({ ...reference }))
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
