import { replicaSet } from '../../api/kinds/apps/replica-set.ts'
import { deployment as deploymentKind } from '../../api/kinds/apps/deployment.ts'
import type { Live } from '../../api/meta/object.ts'
import { ownerReference } from '../../api/meta/owner-references.ts'
import { podTemplateHash } from '../../api/meta/pod.ts'
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.ts'
import { newReplicaSetAnnotations, replicaCountAnnotations } from './annotations.ts'
import { templateHashLabel, withTemplateHash } from './pod-template.ts'

/** The ReplicaSet for a Deployment's current template. Its name follows from the template, so that a retry meets it. */
export function newReplicaSet(deployment: Live<Deployment>, replicas: number, revision: bigint): ReplicaSet {
  const { metadata, spec, status } = deployment
  const hash = podTemplateHash(spec?.template ?? {}, status?.collisionCount)
  const template = withTemplateHash(spec?.template ?? {}, hash)
  return {
    apiVersion: replicaSet.apiVersion,
    kind: replicaSet.kind,
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: template.metadata?.labels ?? {},
      annotations: { ...newReplicaSetAnnotations(deployment, {}, revision), ...replicaCountAnnotations(deployment) },
      ownerReferences: [ownerReference(deployment, deploymentKind)],
    },
    spec: {
      replicas,
      minReadySeconds: spec?.minReadySeconds ?? 0,
      selector: {
        ...spec?.selector,
        matchLabels: { ...spec?.selector.matchLabels, [templateHashLabel]: hash },
      },
      template,
    },
  }
}
