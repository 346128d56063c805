/** The templates that a DaemonSet or StatefulSet has had: how an update is told from what was, and taken back. */
import type { Kind } from '../api/define-kind.ts'
import { isReason } from '../api/errors.ts'
import { controllerRevision as revisionKind } from '../api/kinds/apps/controller-revision.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import { ownerReference } from '../api/meta/owner-references.ts'
import { podTemplateHash, stableText } from '../api/meta/pod.ts'
import type { ControllerRevision } from '../api/types/apps-v1.ts'
import type { PodTemplateSpec } from '../api/types/core-v1.ts'
import { goJson } from '../lib/go-json.ts'
import type { Client } from '../client/client.ts'
import type { ReconcileContext } from '../client/controller.ts'

export const revisionHashLabel = 'controller-revision-hash'

export interface RevisionOwner<T extends KubernetesObject> {
  readonly kind: Kind<T>
  readonly object: Live<T>
  readonly template: PodTemplateSpec
  readonly collisionCount: number | undefined
}

/**
 * A patch that puts the template back: `kubectl rollout undo` sends it as it stands. Names stand in the order in which Go
 * writes them, for clients find the revision of an object by comparing texts.
 */
export const revisionData = (template: PodTemplateSpec): unknown =>
  JSON.parse(goJson({ spec: { template: { ...template, $patch: 'replace' } } }))

/** The template that a revision holds. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const held = data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined
  const { $patch: _patch, ...template } = held?.spec?.template ?? {}
  return template
}

export type RevisionPlan =
  | { readonly type: 'current'; readonly revision: Live<ControllerRevision> }
  /** An earlier template is wanted again: its revision becomes the newest. */
  | { readonly type: 'renumber'; readonly revision: Live<ControllerRevision>; readonly to: number }
  | { readonly type: 'create'; readonly revision: ControllerRevision }

export function planRevision<T extends KubernetesObject>(
  owner: RevisionOwner<T>,
  revisions: readonly Live<ControllerRevision>[],
): RevisionPlan {
  const data = revisionData(owner.template)
  const newest = Math.max(0, ...revisions.map(({ revision }) => revision))
  const same = revisions
    .filter((revision) => stableText(revision.data) === stableText(data))
    .sort((a, b) => b.revision - a.revision)[0]
  if (same !== undefined)
    return same.revision === newest
      ? { type: 'current', revision: same }
      : { type: 'renumber', revision: same, to: newest + 1 }
  const { object, kind, template, collisionCount } = owner
  const { name, namespace } = object.metadata
  const hash = podTemplateHash(template, collisionCount)
  const metadata = {
    name: `${name}-${hash}`,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { ...template.metadata?.labels, [revisionHashLabel]: hash },
    ownerReferences: [ownerReference(object, kind)],
  }
  return { type: 'create', revision: { metadata, data, revision: newest + 1 } }
}

/** The short hash of a revision, as it stands in its name and on pods. */
export const revisionHash = ({ metadata }: ControllerRevision): string => metadata?.labels?.[revisionHashLabel] ?? ''

/** Undefined: another template has the name. The owner's collision count must rise, then all is tried again. */
export async function applyRevision(
  client: Client,
  plan: RevisionPlan,
  cause: ReconcileContext['cause'],
): Promise<Live<ControllerRevision> | undefined> {
  if (plan.type === 'current') return plan.revision
  if (plan.type === 'renumber') return client.update(revisionKind, { ...plan.revision, revision: plan.to }, { cause })
  try {
    return await client.create(revisionKind, plan.revision, { cause })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
    const { name = '', namespace = '' } = plan.revision.metadata ?? {}
    const there = await client.get(revisionKind, { name, namespace })
    return stableText(there.data) === stableText(plan.revision.data) ? there : undefined
  }
}

/** The oldest revisions beyond the limit that no pod runs. */
export function superfluousRevisions(
  revisions: readonly Live<ControllerRevision>[],
  limit: number,
  inUse: (revision: Live<ControllerRevision>) => boolean,
): Live<ControllerRevision>[] {
  const unused = revisions.filter((revision) => !inUse(revision)).sort((a, b) => a.revision - b.revision)
  return unused.slice(0, Math.max(0, unused.length - limit))
}
