/** Binds claims to volumes, one to one, and says of every volume and claim what it is (`persistent-volume-binder`). */
import { isReason } from '../../api/errors.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume as volumeKind } from '../../api/kinds/core/persistent-volume.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { storageClass as classKind } from '../../api/kinds/storage/storage-class.ts'
import { keyOf } from '../../api/meta/object.ts'
import { isTerminated } from '../../api/meta/pod.ts'
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeStatus, Pod } from '../../api/types/core-v1.ts'
import type { StorageClass } from '../../api/types/storage-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { timestamp } from '../../lib/clock.ts'
import type { ControllerContext } from '../context.ts'
import { claimNamesOf } from '../storage-protection/plan.ts'
import { isStoredStatus } from '../stored-status.ts'
import { bindClaim, bindVolume } from './bind.ts'
import { planClaim, type ClaimPlan, type Event } from './plan-claim.ts'
import { mismatchWords, planVolume } from './plan-volume.ts'
import {
  betaStorageProvisioner,
  boundByController,
  storageProvisioner,
  type Claim,
  type Volume,
} from './volume-facts.ts'

/** Claims without a volume are looked at again so often: a word that was said once scrolls away. */
const lookAgainMs = 15_000

interface Parts {
  readonly context: ControllerContext
  readonly claims: Informer<PersistentVolumeClaim>
  readonly volumes: Informer<PersistentVolume>
  readonly classes: Informer<StorageClass>
  readonly pods: Informer<Pod>
}

type Cause = ReconcileContext['cause']

const byClaim = 'claim'

export function startPersistentVolumeBinder(context: ControllerContext): Disposable {
  const { informers } = context
  const parts: Parts = {
    context,
    claims: informers.of(claimKind),
    volumes: informers.of(volumeKind).addIndex(byClaim, claimsOf),
    classes: informers.of(classKind),
    pods: informers
      .of(podKind)
      .addIndex(byClaim, (pod) => claimNamesOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`)),
  }
  const shared = (({ clock, random, log, probe }) => ({ clock, random, log, probe }))(context)
  const unbound = (): string[] =>
    parts.claims.lister
      .list()
      .filter(({ status }) => status?.phase !== 'Bound')
      .map(keyOf)
  const started = new DisposableStack()
  started.use(
    runController({
      ...shared,
      name: 'persistent-volume-claims',
      kind: claimKind,
      sources: [
        watchOwn(parts.claims),
        watchMapped(parts.volumes, (volume) => [...claimsOf(volume), ...(isFree(volume) ? unbound() : [])]),
        watchMapped(parts.classes, unbound),
        watchMapped(parts.pods, () => []),
      ],
      // One after the other: two claims at once would want the same volume.
      workers: 1,
      reconcile: (key, { cause }) => reconcileClaim(parts, key, cause),
    }),
  )
  started.use(
    runController({
      ...shared,
      name: 'persistent-volumes',
      kind: volumeKind,
      sources: [
        watchOwn(parts.volumes),
        // Also those that were set aside for a claim which went before it could name them.
        watchMapped(parts.claims, (claim) => [
          ...((claim.spec?.volumeName ?? '') === '' ? [] : [claim.spec?.volumeName ?? '']),
          ...parts.volumes.lister.byIndex(byClaim, keyOf(claim)).map(({ metadata }) => metadata.name),
        ]),
      ],
      reconcile: (key, { cause }) => reconcileVolume(parts, key, cause),
    }),
  )
  return started
}

const isFree = ({ spec, status }: Volume): boolean => spec?.claimRef === undefined && status?.phase === 'Available'

function claimsOf({ spec }: Volume): string[] {
  const { name = '', namespace = '' } = spec?.claimRef ?? {}
  return name === '' ? [] : [`${namespace}/${name}`]
}

async function reconcileClaim(parts: Parts, key: string, cause: Cause): Promise<ReconcileResult> {
  const { context, claims, volumes, classes } = parts
  const claim = claims.lister.byKey(key)
  if (claim === undefined) return undefined
  const plan = planClaim({
    claim,
    volumes: () => volumes.lister.list(),
    volume: (name) => volumes.lister.byKey(name),
    classes: classes.lister.list(),
    waitingPods: () =>
      parts.pods.lister
        .byIndex(byClaim, key)
        .filter((pod) => !isTerminated(pod) && (pod.spec?.nodeName ?? '') === '')
        .map(({ metadata }) => metadata.name),
  })
  await applyClaimPlan(parts, claim, plan, cause)
  if ('event' in plan && plan.event !== undefined && !(plan.action === 'lose' && claim.status?.phase === 'Lost'))
    report(context, claim, plan.event)
  return plan.action === 'wait' || plan.action === 'provision' ? { requeueAfterMs: lookAgainMs } : undefined
}

async function applyClaimPlan(parts: Parts, claim: Claim, plan: ClaimPlan, cause: Cause): Promise<void> {
  const { client } = parts.context
  switch (plan.action) {
    case 'bind': {
      const volume = await bindVolume(client, plan.volume, claim, cause)
      await writeVolumeStatus(parts, volume, { phase: 'Bound' }, cause)
      await bindClaim(client, claim, volume, cause)
      return
    }
    case 'lose':
      await writeClaimStatus(parts, claim, 'Lost', cause)
      return
    case 'wait':
      await writeClaimStatus(parts, claim, 'Pending', cause)
      return
    case 'setClass': {
      const spec = { ...claim.spec, storageClassName: plan.storageClassName }
      await client.update(claimKind, { ...claim, spec }, { cause })
      return
    }
    case 'provision': {
      const wish = { [storageProvisioner]: plan.provisioner, [betaStorageProvisioner]: plan.provisioner }
      const metadata = { ...claim.metadata, annotations: { ...claim.metadata.annotations, ...wish } }
      await client.update(claimKind, { ...claim, metadata }, { cause })
      return
    }
    case 'none':
      return
  }
}

/** Of a claim without a volume. */
async function writeClaimStatus(
  { context: { client } }: Parts,
  claim: Claim,
  phase: string,
  cause: Cause,
): Promise<void> {
  const { accessModes: _modes, capacity: _capacity, ...known } = claim.status ?? {}
  const status = { ...known, phase }
  if (isStoredStatus(claimKind, status, claim.status)) return
  await client.update(claimKind, { ...claim, status }, { subresource: 'status', cause })
}

async function reconcileVolume(parts: Parts, name: string, cause: Cause): Promise<void> {
  const { context, volumes } = parts
  const volume = volumes.lister.byKey(name)
  if (volume === undefined) return
  const plan = planVolume(volume, await claimOf(parts, volume))
  switch (plan.action) {
    case 'unbind':
      await context.client.update(volumeKind, unbound(volume), { cause })
      return
    case 'remove':
      await context.client.delete(volumeKind, { name }, { preconditions: { uid: volume.metadata.uid }, cause })
      return
    case 'tellMismatch': {
      const [forVolume, forClaim] = mismatchWords(volume, plan.claim)
      reportVolume(context, volume, forVolume)
      report(context, plan.claim, { type: 'Warning', ...forClaim })
      return
    }
    case 'phase': {
      const written = await writeVolumeStatus(parts, volume, plan.status, cause)
      if (written && plan.event !== undefined) reportVolume(context, volume, plan.event)
    }
  }
}

/** Whether there was something to write. */
async function writeVolumeStatus(
  { context: { client, clock } }: Parts,
  volume: Volume,
  wanted: PersistentVolumeStatus,
  cause: Cause,
): Promise<boolean> {
  const { phase, lastPhaseTransitionTime } = volume.status ?? {}
  const known = phase === wanted.phase ? lastPhaseTransitionTime : undefined
  const status = { ...wanted, lastPhaseTransitionTime: known ?? timestamp(clock.now()) }
  if (isStoredStatus(volumeKind, status, volume.status)) return false
  await client.update(volumeKind, { ...volume, status }, { subresource: 'status', cause })
  return true
}

/** The cache may be old, and a volume that is released by mistake loses its data: a missing claim is asked for. */
async function claimOf({ context, claims }: Parts, { spec }: Volume): Promise<Claim | undefined> {
  const { name = '', namespace = '', uid = '' } = spec?.claimRef ?? {}
  if (uid === '') return undefined
  const known = claims.lister.get(namespace, name)
  if (known?.metadata.uid === uid) return known
  try {
    const live = await context.client.get(claimKind, { name, namespace })
    return live.metadata.uid === uid ? live : undefined
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

/** What was set aside by hand stays set aside; what we bound is wholly free. */
function unbound(volume: Volume): Volume {
  const { [boundByController]: own, ...annotations } = volume.metadata.annotations ?? {}
  const { claimRef, ...spec } = volume.spec ?? {}
  const { uid: _uid, ...byHand } = claimRef ?? {}
  return {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: own === undefined ? { ...spec, claimRef: byHand } : spec,
  }
}

function report({ events }: ControllerContext, claim: Claim, { type, reason, message }: Event): void {
  events.event({ ...claim, apiVersion: claimKind.apiVersion, kind: claimKind.kind }, type, reason, message)
}

function reportVolume(
  { events }: ControllerContext,
  volume: Volume,
  { reason, message }: { reason: string; message: string },
): void {
  events.event({ ...volume, apiVersion: volumeKind.apiVersion, kind: volumeKind.kind }, 'Warning', reason, message)
}
