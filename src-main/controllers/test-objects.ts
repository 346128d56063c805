/** Objects for tests: whole enough to be decided on, with only what a test names set apart. */
import { deployment as deploymentKind } from '../api/kinds/apps/deployment.ts'
import { replicaSet as replicaSetKind } from '../api/kinds/apps/replica-set.ts'
import type { Kind } from '../api/define-kind.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import { ownerReference } from '../api/meta/owner-references.ts'
import type { Deployment, DeploymentSpec, ReplicaSet, ReplicaSetStatus } from '../api/types/apps-v1.ts'
import type { Pod, PodSpec, PodStatus, PodTemplateSpec } from '../api/types/core-v1.ts'
import type { ObjectMeta } from '../api/types/meta-v1.ts'

export const nowMs = Date.UTC(2026, 0, 1)
export const ago = (seconds: number): string => new Date(nowMs - seconds * 1000).toISOString()

function live<T extends object>(metadata: ObjectMeta, rest: T): T & { metadata: Live<KubernetesObject>['metadata'] } {
  const name = metadata.name ?? 'web'
  return {
    ...rest,
    metadata: {
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: ago(3600),
      ...metadata,
      name,
    },
  }
}

export interface PodOptions {
  readonly metadata?: ObjectMeta
  readonly spec?: Partial<PodSpec>
  readonly status?: PodStatus
  readonly owner?: { readonly object: Live<KubernetesObject>; readonly kind: Kind }
  /** Ready since so many seconds. */
  readonly readyFor?: number
}

export function aPod(name: string, { metadata, spec, status, owner, readyFor }: PodOptions = {}): Live<Pod> {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor ?? 0) }
  return live(
    {
      labels: { app: 'web' },
      ...(owner === undefined ? {} : { ownerReferences: [ownerReference(owner.object, owner.kind)] }),
      ...metadata,
      name,
    },
    {
      spec: { containers: [{ name: 'web' }], ...spec },
      status: { phase: 'Running', ...(readyFor === undefined ? {} : { conditions: [ready] }), ...status },
    },
  )
}

export const aTemplate = (image = 'web:1', labels: Record<string, string> = { app: 'web' }): PodTemplateSpec => ({
  metadata: { labels },
  spec: { containers: [{ name: 'web', image }] },
})

export interface ReplicaSetOptions {
  readonly metadata?: ObjectMeta
  readonly replicas?: number
  readonly template?: PodTemplateSpec
  readonly minReadySeconds?: number
  readonly status?: Partial<ReplicaSetStatus>
  readonly owner?: Live<Deployment>
}

export function aReplicaSet(name: string, options: ReplicaSetOptions = {}): Live<ReplicaSet> {
  const { metadata, replicas = 3, template = aTemplate(), minReadySeconds = 0, status, owner } = options
  return live(
    {
      generation: 1,
      ...(owner === undefined ? {} : { ownerReferences: [ownerReference(owner, deploymentKind)] }),
      ...metadata,
      name,
    },
    {
      spec: { replicas, selector: { matchLabels: { app: 'web' } }, template, minReadySeconds },
      status: { replicas: 0, observedGeneration: 1, ...status },
    },
  )
}

export const ownedBy = (object: Live<ReplicaSet>): NonNullable<PodOptions['owner']> => ({
  object,
  kind: replicaSetKind as unknown as Kind,
})

export function aDeployment(
  spec: Partial<DeploymentSpec> = {},
  rest: { metadata?: ObjectMeta; status?: Deployment['status'] } = {},
): Live<Deployment> {
  return live(
    { name: 'web', generation: 1, ...rest.metadata },
    {
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        template: aTemplate(),
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        ...spec,
      },
      ...(rest.status === undefined ? {} : { status: rest.status }),
    },
  )
}
