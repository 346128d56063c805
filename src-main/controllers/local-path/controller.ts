/** Makes and removes volumes of the class `local-path`. */
import { isReason } from '../../api/errors.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume as volumeKind } from '../../api/kinds/core/persistent-volume.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { storageClass as classKind } from '../../api/kinds/storage/storage-class.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import type { StorageClass } from '../../api/types/storage-v1.ts'
import { runController, type ReconcileContext } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import {
  classNameOf,
  provisionedBy,
  selectedNode,
  storageProvisioner,
  type Claim,
  type Volume,
} from '../persistent-volume/volume-facts.ts'
import {
  cleanupFinalizer,
  defaultClass,
  helperName,
  helperNamespace,
  helperPod,
  localPath,
  localPathClass,
  nodeOf,
  planCleanup,
  planProvision,
} from './plan.ts'

/** What every worker has. */
const helperImage = 'orrery.dev/busybox:1'

interface Parts {
  readonly context: ControllerContext
  readonly claims: Informer<PersistentVolumeClaim>
  readonly volumes: Informer<PersistentVolume>
  readonly classes: Informer<StorageClass>
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
}

type Cause = ReconcileContext['cause']

export function startLocalPathProvisioner(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const parts: Parts = {
    context,
    claims: informers.of(claimKind),
    volumes: informers.of(volumeKind),
    classes: informers.of(classKind),
    nodes: informers.of(nodeKind),
    pods: informers.of(podKind),
  }
  const shared = { clock, random, log, probe }
  const helped = new RegExp(`^${helperName('')}(.+)$`)
  const started = new DisposableStack()
  // Once: whoever deletes the class, or takes the default from it, means it.
  const classes = runController({
    ...shared,
    name: 'local-path-class',
    kind: classKind,
    sources: [watchMapped(parts.classes, () => [])],
    async reconcile(_name, { cause }) {
      try {
        if (parts.classes.lister.byKey(localPathClass) === undefined)
          await client.create(classKind, defaultClass, { cause })
      } catch (error) {
        if (!isReason(error, 'AlreadyExists')) throw error
      }
    },
  })
  started.use(classes)
  classes.enqueue(localPathClass)
  started.use(
    runController({
      ...shared,
      name: 'local-path-claims',
      kind: claimKind,
      sources: [
        watchOwn(parts.claims, ({ metadata }) => metadata.annotations?.[storageProvisioner] === localPath),
        watchMapped(parts.classes, () => []),
        watchMapped(parts.nodes, () => []),
      ],
      reconcile: (key, { cause }) => reconcileClaim(parts, key, cause),
    }),
  )
  started.use(
    runController({
      ...shared,
      name: 'local-path-volumes',
      kind: volumeKind,
      sources: [
        watchOwn(parts.volumes, ({ metadata }) => metadata.annotations?.[provisionedBy] === localPath),
        watchMapped(parts.pods, ({ metadata: { name, namespace } }) => {
          const [, volume] = namespace === helperNamespace ? (helped.exec(name) ?? []) : []
          return volume === undefined ? [] : [volume]
        }),
        watchMapped(parts.nodes, () => []),
      ],
      reconcile: (name, { cause }) => reconcileVolume(parts, name, cause),
    }),
  )
  return started
}

async function reconcileClaim(parts: Parts, key: string, cause: Cause): Promise<void> {
  const { context, claims, classes, nodes } = parts
  const claim = claims.lister.byKey(key)
  if (claim === undefined) return
  const node = nodes.lister.byKey(claim.metadata.annotations?.[selectedNode] ?? '')
  const plan = planProvision(claim, classes.lister.byKey(classNameOf(claim)), node)
  if (plan.action === 'none') return
  if (plan.action === 'refuse') {
    tell(context, claim, 'Warning', 'ProvisioningFailed', `failed to provision volume: ${plan.message}`)
    return
  }
  try {
    const { metadata } = await context.client.create(volumeKind, plan.volume, { cause })
    tell(context, claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${metadata.name}`)
  } catch (error) {
    // Its name follows from the claim: made a moment ago, the cache does not show it yet.
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}

async function reconcileVolume(parts: Parts, name: string, cause: Cause): Promise<void> {
  const { context, volumes, nodes, pods } = parts
  const volume = volumes.lister.byKey(name)
  const helper = pods.lister.get(helperNamespace, helperName(name))
  if (volume === undefined) {
    if (helper !== undefined) await removeHelper(parts, name, cause)
    return
  }
  const nodeIsThere = nodes.lister.byKey(nodeOf(volume)) !== undefined
  switch (planCleanup(volume, helper, nodeIsThere)) {
    case 'startHelper': {
      const wanted = helperPod(volume, helperImage)
      if (wanted === undefined) return failCleanup(context, volume, 'its path is not one of this provisioner', cause)
      try {
        await context.client.create(podKind, wanted, { cause })
      } catch (error) {
        if (!isReason(error, 'AlreadyExists')) throw error
      }
      return
    }
    case 'retry':
      await removeHelper(parts, name, cause)
      return failCleanup(context, volume, `the folder could not be removed on node ${nodeOf(volume)}`, cause)
    case 'remove':
      await removeVolume(context, volume, cause)
      return removeHelper(parts, name, cause)
    case 'letGo':
      return letGo(context, volume, cause)
    case 'none':
    case 'waitForHelper':
  }
}

async function removeVolume(context: ControllerContext, volume: Volume, cause: Cause): Promise<void> {
  const { name, uid } = volume.metadata
  await letGo(context, volume, cause)
  try {
    await context.client.delete(volumeKind, { name }, { preconditions: { uid }, cause })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

async function letGo({ client }: ControllerContext, volume: Volume, cause: Cause): Promise<void> {
  const { finalizers = [] } = volume.metadata
  if (!finalizers.includes(cleanupFinalizer)) return
  const metadata = { ...volume.metadata, finalizers: finalizers.filter((one) => one !== cleanupFinalizer) }
  try {
    await client.update(volumeKind, { ...volume, metadata }, { cause })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

async function removeHelper({ context, pods }: Parts, volumeName: string, cause: Cause): Promise<void> {
  const helper = pods.lister.get(helperNamespace, helperName(volumeName))
  if (helper === undefined) return
  const { name, namespace = '', uid } = helper.metadata
  try {
    await context.client.delete(podKind, { name, namespace }, { preconditions: { uid }, cause })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

async function failCleanup(
  { client, events }: ControllerContext,
  volume: Volume,
  message: string,
  cause: Cause,
): Promise<void> {
  const about = { ...volume, apiVersion: volumeKind.apiVersion, kind: volumeKind.kind }
  events.event(about, 'Warning', 'VolumeFailedDelete', message)
  if (volume.status?.phase === 'Failed') return
  const status = { ...volume.status, phase: 'Failed', message }
  await client.update(volumeKind, { ...volume, status }, { subresource: 'status', cause })
}

function tell(
  { events }: ControllerContext,
  claim: Claim,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  events.event({ ...claim, apiVersion: claimKind.apiVersion, kind: claimKind.kind }, type, reason, message)
}
