/** The scale of what an autoscaler resizes: finds it and writes it. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import type { KubernetesObject, Live } from '../../api/meta/object.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling-v2.ts'
import type { Client } from '../../client/client.ts'
import type { ReconcileContext } from '../../client/controller.ts'
import { describeError } from '../../lib/log.ts'

export interface Target {
  readonly kind: Kind
  readonly scale: Scale
}

/** Somebody else may write at the same time: after so many attempts it is told of. */
const attempts = 5

/** Whatever keeps the scale from being read is a problem to be told. */
export async function targetOf(
  client: Client,
  servedKinds: readonly Kind[],
  { metadata, spec }: Live<HorizontalPodAutoscaler>,
): Promise<Target | { readonly problem: string }> {
  const { apiVersion = 'v1', kind: kindName = '', name = '' } = spec?.scaleTargetRef ?? {}
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const of = servedKinds.filter((one) => one.group === group && one.kind === kindName)
  const kind = of.find((one) => one.apiVersion === apiVersion) ?? of[0]
  if (kind === undefined)
    return { problem: `no matches for kind ${JSON.stringify(kindName)} in group ${JSON.stringify(group)}` }
  if (kind.subresources.scale === undefined) {
    const resource = `${kind.group}/${kind.version}, Resource=${kind.plural}`
    return { problem: `could not find scale subresource for ${resource} in discovery information` }
  }
  try {
    const ref = { name, namespace: metadata.namespace ?? '' }
    return { kind, scale: (await client.get(kind, ref, 'scale')) as Scale }
  } catch (error) {
    return { problem: describeError(error) }
  }
}

/** Undefined when the target has its new size, and otherwise why it has not. */
export async function updateScale(
  client: Client,
  { kind, scale }: Target,
  replicas: number,
  cause: ReconcileContext['cause'],
): Promise<string | undefined> {
  const { name = '', namespace = '' } = scale.metadata ?? {}
  let latest = scale
  for (let attempt = 1; ; attempt++) {
    try {
      const next: KubernetesObject = { ...latest, spec: { replicas } } as Scale
      await client.update(kind, next, { subresource: 'scale', cause })
      return undefined
    } catch (error) {
      if (!isReason(error, 'Conflict') || attempt === attempts) return describeError(error)
    }
    try {
      latest = (await client.get(kind, { name, namespace }, 'scale')) as Scale
    } catch (error) {
      return describeError(error)
    }
  }
}
