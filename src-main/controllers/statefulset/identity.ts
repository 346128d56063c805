/** Who the pods of a StatefulSet are: their ordinals, names, claims and revisions. */
import { statefulSet as statefulSetKind } from '../../api/kinds/apps/stateful-set.ts'
import type { Live } from '../../api/meta/object.ts'
import type { StatefulSet } from '../../api/types/apps-v1.ts'
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../api/types/core-v1.ts'
import { podFromTemplate } from '../pod-control.ts'
import { revisionHashLabel } from '../revisions.ts'

export const podNameLabel = 'statefulset.kubernetes.io/pod-name'
export const podIndexLabel = 'apps.kubernetes.io/pod-index'

/** A template with the name of the ControllerRevision that holds it. */
export interface Version {
  readonly name: string
  readonly template: PodTemplateSpec
}

export const firstOrdinal = ({ spec }: StatefulSet): number => spec?.ordinals?.start ?? 0
export const wantedReplicas = ({ spec }: StatefulSet): number => spec?.replicas ?? 1
export const podNameOf = (set: Live<StatefulSet>, ordinal: number): string => `${set.metadata.name}-${ordinal}`

/** Undefined for a pod whose name is none that the set would give. */
export function ordinalOf(set: Live<StatefulSet>, pod: Live<Pod>): number | undefined {
  const text = pod.metadata.name.slice(set.metadata.name.length + 1)
  const fits = /^(0|[1-9]\d*)$/.test(text) && pod.metadata.name === `${set.metadata.name}-${text}`
  return fits ? Number(text) : undefined
}

export const versionOf = ({ metadata }: Pod): string => metadata?.labels?.[revisionHashLabel] ?? ''

export const identityLabels = (set: Live<StatefulSet>, ordinal: number): Record<string, string> => ({
  [podNameLabel]: podNameOf(set, ordinal),
  [podIndexLabel]: String(ordinal),
})

/** The claims of one pod; their names bind them to its ordinal, over every pod that will ever have it. */
export function claimsOf(set: Live<StatefulSet>, ordinal: number): PersistentVolumeClaim[] {
  const { namespace } = set.metadata
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => ({
    ...template,
    metadata: {
      ...template.metadata,
      name: `${template.metadata?.name ?? ''}-${podNameOf(set, ordinal)}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata?.labels, ...set.spec?.selector.matchLabels },
    },
  }))
}

export function statefulPod(set: Live<StatefulSet>, ordinal: number, { name: revision, template }: Version): Pod {
  const { generateName: _generated, ...metadata } = podFromTemplate(template, set, statefulSetKind).metadata ?? {}
  const name = podNameOf(set, ordinal)
  const spec = template.spec ?? { containers: [] }
  const claimed = new Map(
    (set.spec?.volumeClaimTemplates ?? []).map((claim): [string, Volume] => {
      const volume = claim.metadata?.name ?? ''
      return [volume, { name: volume, persistentVolumeClaim: { claimName: `${volume}-${name}` } }]
    }),
  )
  const volumes = [...(spec.volumes ?? []).filter((volume) => !claimed.has(volume.name)), ...claimed.values()]
  const { serviceName } = set.spec ?? {}
  return {
    metadata: {
      ...metadata,
      name,
      labels: { ...metadata.labels, ...identityLabels(set, ordinal), [revisionHashLabel]: revision },
    },
    spec: {
      ...spec,
      hostname: name,
      ...(serviceName === undefined || serviceName === '' ? {} : { subdomain: serviceName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  }
}
