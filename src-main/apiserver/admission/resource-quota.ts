/**
 * Writes in a namespace with quotas are charged to them in the write's own commit, so that what a quota says is used
 * is never less than what is there. Writes of one namespace take their turns, for each needs the sum after the other.
 */
import { forbiddenRequest } from '../../api/errors.ts'
import { chargeQuotas } from '../../api/quota/charge.ts'
import { evaluatorOf } from '../../api/quota/evaluators.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { ResourceQuota } from '../../api/types/core-v1.ts'
import type { Operation } from '../../store/store.ts'
import { encodeForStore, type CachedObject } from '../cache/cached-object.ts'
import { storeKey } from '../registry/keys.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest, Charge } from './admission.ts'

const resource = 'core/resourcequotas'

export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  charge(request, context) {
    const { operation, kind, subresource, namespace } = request
    if (!kind.namespaced || context.cache.resource(resource).size === 0 || operation === 'DELETE') return undefined
    const charges =
      operation === 'CREATE' ? subresource === '' : evaluatorOf(kind).chargesUpdate?.(subresource) === true
    if (!charges || quotasIn(namespace, context).length === 0) return undefined
    return chargeInTurn(request, context)
  },
}

const quotasIn = (namespace: string, { cache }: AdmissionContext): CachedObject[] =>
  cache.resource(resource).list({ namespace })

async function chargeInTurn(request: AdmissionRequest, context: AdmissionContext): Promise<Charge | undefined> {
  const leave = await context.quotaLanes.enter(request.namespace)
  try {
    const operations = charge(request, context)
    if (operations.length > 0 && !request.dryRun) return { operations, settle: leave }
    leave()
    return undefined
  } catch (error) {
    leave()
    throw error
  }
}

function charge(request: AdmissionRequest, context: AdmissionContext): Operation[] {
  const { kind, name, namespace, object, previous } = request
  const quotas = quotasIn(namespace, context).map((stored) => stored.object as ResourceQuota)
  const verdict = chargeQuotas(quotas, {
    ...{ evaluator: evaluatorOf(kind), object, previous },
    nowUnixMs: context.clock.now(),
  })
  if ('refusal' in verdict) throw forbiddenRequest(kind, name, verdict.refusal)
  return verdict.charged.map((quota) => {
    const key = `${namespace}/${quota.metadata?.name ?? ''}`
    const revision = context.cache.resource(resource).get(key)?.revision ?? 0
    const value = encodeForStore(quota as DynamicObject)
    context.cache.expect(value, quota as DynamicObject)
    return { type: 'put', key: storeKey(resource, key), value, expected: revision }
  })
}
