import type { ContainerIdentity, ContainerRole } from '../runtime.ts'

const podUid = 'io.kubernetes.pod.uid'
const podNamespace = 'io.kubernetes.pod.namespace'
const podName = 'io.kubernetes.pod.name'
const containerName = 'io.kubernetes.container.name'
const role = 'orrery.dev/role'
const attempt = 'orrery.dev/attempt'
const notePrefix = 'orrery.dev/note.'

/** Every container of ours carries this label. */
export const ownedLabel = podUid

type Labels = Readonly<Record<string, string>>

export function labelsOf(identity: ContainerIdentity, notes: Labels): Record<string, string> {
  return {
    [podUid]: identity.podUid,
    [podNamespace]: identity.podNamespace,
    [podName]: identity.podName,
    [containerName]: identity.container,
    [role]: identity.role,
    [attempt]: String(identity.attempt),
    ...Object.fromEntries(Object.entries(notes).map(([name, value]) => [notePrefix + name, value])),
  }
}

/** Undefined when the labels are not ours. */
export function identityOf(labels: Labels): ContainerIdentity | undefined {
  const uid = labels[podUid]
  const namespace = labels[podNamespace]
  const name = labels[podName]
  const what = labels[role]
  const number = Number(labels[attempt])
  if (uid === undefined || namespace === undefined || name === undefined || !isRole(what)) return undefined
  if (!Number.isSafeInteger(number)) return undefined
  const container = labels[containerName] ?? ''
  return { podUid: uid, podNamespace: namespace, podName: name, role: what, container, attempt: number }
}

export function notesOf(labels: Labels): Record<string, string> {
  const own = Object.entries(labels).filter(([name]) => name.startsWith(notePrefix))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(notePrefix.length), value]))
}

function isRole(value: string | undefined): value is ContainerRole {
  return value === 'sandbox' || value === 'init' || value === 'app' || value === 'ephemeral'
}

/** Names are for people who look with `docker ps`; we find containers by their labels. */
export function dockerName({
  role: what,
  container,
  podName: pod,
  podNamespace: space,
  podUid: uid,
  attempt: number,
}: ContainerIdentity): string {
  return ['k8s', what === 'sandbox' ? 'POD' : container, pod, space, uid, number].join('_')
}
