import { badRequest } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Deletion } from '../registry/delete.ts'
import { isDryRun } from './write-options.ts'

/** What a client says of a deletion, in the body or in the query; the body counts first. */
export function deletionFrom(body: unknown, query: URLSearchParams): Deletion {
  const options = (typeof body === 'object' && body !== null ? body : {}) as DynamicObject & {
    gracePeriodSeconds?: unknown
    propagationPolicy?: unknown
    orphanDependents?: unknown
    preconditions?: { uid?: string; resourceVersion?: string } | null
    dryRun?: unknown
  }
  const grace = options.gracePeriodSeconds ?? numberFrom(query.get('gracePeriodSeconds'))
  const policy = options.propagationPolicy ?? query.get('propagationPolicy') ?? undefined
  const orphan = options.orphanDependents ?? query.get('orphanDependents') ?? undefined
  const { uid, resourceVersion } = options.preconditions ?? {}
  return {
    graceSeconds: typeof grace === 'number' ? grace : undefined,
    propagation: propagationFrom(policy, orphan),
    preconditions: {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    dryRun: isDryRun(Array.isArray(options.dryRun) ? options.dryRun : query.getAll('dryRun')),
  }
}

function numberFrom(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const number = Number(text)
  if (!Number.isInteger(number)) throw badRequest(`${JSON.stringify(text)} is not a whole number of seconds`)
  return number
}

function propagationFrom(policy: unknown, orphan: unknown): Deletion['propagation'] {
  if (policy === 'Orphan' || policy === 'Foreground' || policy === 'Background') return policy
  if (policy !== undefined && policy !== '')
    throw badRequest(`propagationPolicy: Unsupported value: ${JSON.stringify(policy)}`)
  if (orphan === true || orphan === 'true') return 'Orphan'
  return orphan === false || orphan === 'false' ? 'Background' : undefined
}
