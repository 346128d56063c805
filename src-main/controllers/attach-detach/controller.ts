/** Attaches volumes of CSI drivers to the nodes of their pods: what the drivers carry out and nodes wait for. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume as volumeKind } from '../../api/kinds/core/persistent-volume.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { kindByResource } from '../../api/kinds/index.ts'
import { findCondition } from '../../api/meta/conditions.ts'
import { keyOf, type KubernetesObject, type Live } from '../../api/meta/object.ts'
import { isTerminated, stableText } from '../../api/meta/pod.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import type { CSIDriver, VolumeAttachment } from '../../api/types/storage-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { indexByNode, podsOnNode } from '../pods-on-node.ts'
import { watchSignificant } from '../significant-changes.ts'
import { attachedWords, attachFailedWords, multiAttachWords } from './words.ts'
import { planAttachments, uniqueNameOf, type AttachableVolume, type AttachmentsPlan } from './plan.ts'

/** A kind that the schema data describes and that has no file of its own. */
function describedKind<T extends KubernetesObject>(plural: string): Kind<T> {
  const found = kindByResource('storage.k8s.io', 'v1', plural)
  if (found === undefined) throw new Error(`the schema data knows no ${plural}.storage.k8s.io`)
  return found as Kind<T>
}

const attachmentKind = describedKind<VolumeAttachment>('volumeattachments')
const driverKind = describedKind<CSIDriver>('csidrivers')
const byClaim = 'claim'
const byNode = 'node'
const byVolume = 'volume'

interface Parts {
  readonly context: ControllerContext
  readonly pods: Informer<Pod>
  readonly claims: Informer<PersistentVolumeClaim>
  readonly volumes: Informer<PersistentVolume>
  readonly nodes: Informer<Node>
  readonly drivers: Informer<CSIDriver>
  readonly attachments: Informer<VolumeAttachment>
  /** Since when nobody wants an attachment, by its uid. */
  readonly unwantedSince: Map<string, number>
  /** What was told already, and is not told again while it lasts: by node and volume. */
  readonly told: Map<string, string>
}

type Cause = ReconcileContext['cause']

const claimsOfPod = ({ metadata, spec }: Live<Pod>): string[] =>
  (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${metadata.name}-${name}`)
    return claim === undefined ? [] : [`${metadata.namespace ?? ''}/${claim}`]
  })

export function startAttachDetachController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts: Parts = {
    context,
    pods: indexByNode(informers.of(podKind)).addIndex(byClaim, claimsOfPod),
    claims: informers.of(claimKind),
    volumes: informers.of(volumeKind),
    nodes: informers.of(nodeKind),
    drivers: informers.of(driverKind),
    attachments: informers
      .of(attachmentKind)
      .addIndex(byNode, ({ spec }) => [spec.nodeName])
      .addIndex(byVolume, ({ spec }) => [spec.source.persistentVolumeName ?? '']),
    unwantedSince: new Map(),
    told: new Map(),
  }
  const nodesOf = (claim: string): string[] =>
    parts.pods.lister.byIndex(byClaim, claim).flatMap(({ spec }) => spec?.nodeName ?? [])
  const telling = ({ spec, status }: Live<Node>): string =>
    stableText([
      spec?.taints,
      status?.volumesInUse,
      status?.volumesAttached,
      findCondition(status?.conditions, 'Ready')?.status,
    ])
  return runController({
    name: 'attach-detach',
    kind: nodeKind,
    sources: [
      watchMapped(parts.pods, (pod) => (claimsOfPod(pod).length === 0 ? [] : [pod.spec?.nodeName ?? ''])),
      watchMapped(parts.claims, (claim) => nodesOf(keyOf(claim))),
      watchMapped(parts.volumes, ({ spec }) => {
        const { name = '', namespace = '' } = spec?.claimRef ?? {}
        return spec?.csi === undefined ? [] : nodesOf(`${namespace}/${name}`)
      }),
      watchSignificant(parts.nodes, telling, ({ metadata }) => [metadata.name]),
      watchMapped(parts.attachments, ({ spec }) => [spec.nodeName]),
      watchMapped(parts.drivers, () => []),
    ],
    workers: 5,
    reconcile: (nodeName, { cause }) => reconcileNode(parts, nodeName, cause),
    clock,
    random,
    log,
    probe,
  })
}

async function reconcileNode(parts: Parts, nodeName: string, cause: Cause): Promise<ReconcileResult> {
  if (nodeName === '') return undefined
  const { context, pods, nodes, attachments, unwantedSince } = parts
  const users = new Map<string, Live<Pod>[]>()
  for (const pod of podsOnNode(pods, nodeName).filter((one) => !isTerminated(one)))
    for (const name of volumesOfPod(parts, pod)) users.set(name, [...(users.get(name) ?? []), pod])
  const own = attachments.lister.byIndex(byNode, nodeName)
  if (users.size === 0 && own.length === 0 && nodes.lister.byKey(nodeName)?.status?.volumesAttached === undefined)
    return undefined
  const volume = (name: string): AttachableVolume | undefined => attachable(parts, name)
  const nowMs = context.clock.now()
  const plan = planAttachments({
    ...{ nodeName, nowMs, volume, unwantedSince, attachments: own },
    node: nodes.lister.byKey(nodeName),
    wanted: [...users.keys()].flatMap((name) => volume(name) ?? []),
    isElsewhere: (name) => attachments.lister.byIndex(byVolume, name).some(({ spec }) => spec.nodeName !== nodeName),
  })
  for (const { metadata } of own)
    if (!plan.waiting.includes(metadata.uid)) unwantedSince.delete(metadata.uid)
    else if (!unwantedSince.has(metadata.uid)) unwantedSince.set(metadata.uid, nowMs)
  await applyPlan(parts, nodeName, plan, users, cause)
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs }
}

function volumesOfPod({ claims }: Parts, pod: Live<Pod>): string[] {
  return claimsOfPod(pod).flatMap((key) => {
    const name = claims.lister.byKey(key)?.spec?.volumeName ?? ''
    return name === '' ? [] : [name]
  })
}

/** Undefined for volumes that no driver has to attach. */
function attachable({ volumes, drivers }: Parts, name: string): AttachableVolume | undefined {
  const { csi, accessModes = [] } = volumes.lister.byKey(name)?.spec ?? {}
  if (csi === undefined || drivers.lister.byKey(csi.driver)?.spec.attachRequired === false) return undefined
  const shared = accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')
  return { name, driver: csi.driver, handle: csi.volumeHandle, shared }
}

/** Why pods do not have their volumes: once, until it is over or something else. */
function tellProblems(
  { context, attachments, volumes, pods, told }: Parts,
  nodeName: string,
  blocked: AttachmentsPlan['blocked'],
  users: ReadonlyMap<string, readonly Live<Pod>[]>,
): void {
  const errors = new Map(
    attachments.lister.byIndex(byNode, nodeName).flatMap(({ metadata, spec, status }) => {
      const { attachError } = status ?? {}
      const words = [metadata.uid, attachError?.time, attachError?.message ?? ''] as const
      return attachError === undefined || status?.attached === true
        ? []
        : [[spec.source.persistentVolumeName ?? '', words] as const]
    }),
  )
  const usersElsewhere = (name: string): Live<Pod>[] => {
    const { claimRef } = volumes.lister.byKey(name)?.spec ?? {}
    const claim = `${claimRef?.namespace ?? ''}/${claimRef?.name ?? ''}`
    const all = pods.lister.byIndex(byClaim, claim).filter((pod) => !isTerminated(pod))
    return all.filter(({ spec }) => (spec?.nodeName ?? '') !== '' && spec?.nodeName !== nodeName)
  }
  for (const key of told.keys()) {
    const [node, name = ''] = key.split('/')
    if (node === nodeName && !users.has(name)) told.delete(key)
  }
  for (const [name, waiting] of users) {
    const isBlocked = blocked.some((volume) => volume.name === name)
    const error = errors.get(name)
    const state = isBlocked ? 'blocked' : error === undefined ? undefined : stableText(error)
    const key = `${nodeName}/${name}`
    if (told.get(key) === state) continue
    if (state === undefined) told.delete(key)
    else told.set(key, state)
    for (const pod of state === undefined ? [] : waiting) {
      const about = { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }
      const words = isBlocked
        ? multiAttachWords(name, pod, usersElsewhere(name))
        : attachFailedWords(name, error?.[2] ?? '')
      context.events.event(about, 'Warning', 'FailedAttachVolume', words)
    }
  }
}

/** A node is told that a volume leaves before it does, and that it has one only when it has. */
async function applyPlan(
  parts: Parts,
  nodeName: string,
  { create, blocked, remove, attached }: AttachmentsPlan,
  users: ReadonlyMap<string, readonly Live<Pod>[]>,
  cause: Cause,
): Promise<void> {
  const { client, events } = parts.context
  const tell = (volumeName: string, reason: string, message: string): void => {
    for (const pod of users.get(volumeName) ?? [])
      events.event({ ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }, 'Normal', reason, message)
  }
  tellProblems(parts, nodeName, blocked, users)
  const node = parts.nodes.lister.byKey(nodeName)
  const before = node?.status?.volumesAttached ?? []
  if (node !== undefined && stableText(before) !== stableText(attached)) {
    const status = { volumesAttached: attached.length === 0 ? null : attached }
    const patch = { type: 'merge', patch: { metadata: { uid: node.metadata.uid }, status } } as const
    await client.patch(nodeKind, { name: nodeName }, patch, { subresource: 'status', cause })
    const known = new Set(before.map(({ name }) => name))
    const added = new Set(attached.map(({ name }) => name).filter((name) => !known.has(name)))
    for (const name of users.keys()) {
      const volume = attachable(parts, name)
      if (volume !== undefined && added.has(uniqueNameOf(volume)))
        tell(name, 'SuccessfulAttachVolume', attachedWords(name))
    }
  }
  for (const { metadata } of remove) {
    try {
      await client.delete(attachmentKind, { name: metadata.name }, { preconditions: { uid: metadata.uid }, cause })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
  for (const wanted of create) {
    try {
      await client.create(attachmentKind, wanted, { cause })
    } catch (error) {
      // Made a moment ago: the cache does not show it yet.
      if (!isReason(error, 'AlreadyExists')) throw error
    }
  }
}
