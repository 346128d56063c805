/** Puts a pod's files on the worker, and finds what a container mounts of them. */
import { serviceAccount } from '../api/kinds/core/service-account.ts'
import type { Live } from '../api/meta/object.ts'
import type { Container, Pod } from '../api/types/core-v1.ts'
import { ConfigError } from './config-error.ts'
import { followsApi } from './config-references.ts'
import type { KubeletContext } from './context.ts'
import { podFolder } from './pod-files.ts'
import { hostsFile } from './pod-hosts.ts'
import type { Mount } from './runtime/runtime.ts'
import { entriesDigest } from './volume-digests.ts'
import type { TarEntry } from '../lib/tar.ts'
import { firstTerminationLogs } from './termination-logs.ts'
import { withClaims } from './volumes/claims.ts'
import type { PreparedVolume, VolumeContext } from './volumes/volume.ts'
import { prepareVolumes, volumeMounts, type NamedVolume } from './volumes/volumes.ts'

const hostsPath = (podUid: string): string => `${podFolder(podUid)}/etc-hosts`

/** Everything that the pod's containers expect to find, their first termination logs among it. Throws ConfigError when something is missing in the API. */
export async function collectPodFiles(
  context: KubeletContext,
  pod: Live<Pod>,
  address: string,
  signal: AbortSignal,
): Promise<PreparedVolume[]> {
  const { uid } = pod.metadata
  const folder = podFolder(uid)
  const hosts: TarEntry = {
    path: hostsPath(uid),
    type: 'file',
    mode: 0o644,
    content: Buffer.from(hostsFile(pod, address, context.dns.domain)),
  }
  const logs = firstTerminationLogs(pod, context.view.of(uid))
  const own: PreparedVolume = { entries: [{ path: folder, type: 'directory', mode: 0o750 }, hosts, ...logs] }
  const mounted = await withClaims(context.client, pod)
  const volumes = await prepareVolumes(folder, volumeContext(context, mounted, address, signal))
  const fromApi = new Set((pod.spec?.volumes ?? []).filter(followsApi).map(({ name }) => name))
  context.digests.replace(uid, digestsOf(volumes.filter(({ name }) => fromApi.has(name))))
  return [own, ...volumes]
}

function digestsOf(volumes: readonly NamedVolume[]): Map<string, string> {
  return new Map(volumes.map(({ name, entries }) => [name, entriesDigest(entries)]))
}

/** Brings volumes that show objects of the API up to date, in a pod that runs; writes only those that differ. */
export async function refreshPodVolumes(
  context: KubeletContext,
  pod: Live<Pod>,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const { uid } = pod.metadata
  const volumes = await prepareVolumes(podFolder(uid), volumeContext(context, pod, address, signal), followsApi)
  const changed = new Set(context.digests.replace(uid, digestsOf(volumes)))
  try {
    await writePodFiles(
      context,
      volumes.filter(({ name }) => changed.has(name)),
    )
  } catch (error) {
    // What is on the worker now is not known.
    context.digests.forget(uid)
    throw error
  }
}

/** Writes them in one step, then runs their commands in order. */
export async function writePodFiles({ files }: KubeletContext, prepared: readonly PreparedVolume[]): Promise<void> {
  const entries = prepared.flatMap((one) => one.entries)
  await files.write(
    entries,
    prepared.flatMap(({ commands = [] }) => commands),
  )
}

/** `signal` gives up what takes long. */
function volumeContext(context: KubeletContext, pod: Live<Pod>, address: string, signal: AbortSignal): VolumeContext {
  const { client, clock, config, images, runtime, tell, nodeName, cpus, memoryBytes } = context
  const { name, namespace = 'default', uid } = pod.metadata
  return {
    pod,
    config,
    facts: { nodeName, hostAddress: context.address, podAddress: address, cpus, memoryBytes },
    stamp: String(clock.now()),
    async token(audience, expirationSeconds) {
      const account = pod.spec?.serviceAccountName ?? 'default'
      const body = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          audiences: audience === undefined ? [] : [audience],
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      }
      const answer = await client.post(serviceAccount, { name: account, namespace }, 'token', body)
      const token = (answer as { status?: { token?: string } } | undefined)?.status?.token
      if (token === undefined) throw new ConfigError('FailedMount', `there is no token for service account ${account}`)
      return token
    },
    async image(reference, pullPolicy) {
      const wanted = { image: reference, ...(pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy }) }
      await images.ensure(wanted, signal, (type, reason, message) => tell(pod, type, reason, message))
      const found = await runtime.findImage(reference)
      if (found === undefined) throw new ConfigError('FailedMount', `image "${reference}" was removed meanwhile`)
      return found.id
    },
  }
}

/** What a container mounts, every source looked up on the worker so that no link in a volume leads out of it. */
export async function containerMounts(
  { client, files }: KubeletContext,
  pod: Live<Pod>,
  container: Container,
  variables: ReadonlyMap<string, string>,
): Promise<Mount[]> {
  const { uid } = pod.metadata
  const points = volumeMounts(podFolder(uid), await withClaims(client, pod), container, variables)
  const own = await Promise.all(
    points.map(async ({ root, ...mount }) => {
      if (mount.source === root) return mount
      const source = await files.resolve(root, mount.source)
      if (source === undefined) {
        throw new ConfigError('CreateContainerConfigError', `the sub path of ${mount.target} leads out of its volume`)
      }
      return { ...mount, source }
    }),
  )
  const managesHosts = pod.spec?.hostNetwork !== true && own.every(({ target }) => target !== '/etc/hosts')
  return managesHosts ? [...own, { source: hostsPath(uid), target: '/etc/hosts', readOnly: false }] : own
}
