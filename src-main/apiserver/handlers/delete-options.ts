import { badRequest, invalidObject } from '../../api/errors.ts'
import { invalid, notSupported, type FieldError } from '../../api/field-error.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { cannotBeHandled, checkFields } from '../../api/schema/check-fields.ts'
import { schemaOf } from '../../api/schema/schema.ts'
import type { DeleteOptions } from '../../api/types/meta-v1.ts'
import type { Deletion } from '../registry/delete.ts'
import { dryRunErrors, isDryRun } from './write-options.ts'

const optionsKind = { group: '', version: 'v1', kind: 'DeleteOptions' }
const policies = ['Foreground', 'Background', 'Orphan'] as const

/** What a client says of a deletion: in the body or, where there is none, in the query. */
export function deletionFrom(body: unknown, query: URLSearchParams): Deletion {
  const options = body === undefined || body === null ? optionsIn(query) : checkedOptions(body)
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = options
  const errors = optionErrors(options)
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  const { uid, resourceVersion } = preconditions ?? {}
  return {
    graceSeconds: gracePeriodSeconds ?? undefined,
    propagation:
      policies.find((policy) => policy === propagationPolicy) ??
      (typeof orphanDependents === 'boolean' ? (orphanDependents ? 'Orphan' : 'Background') : undefined),
    preconditions: {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    dryRun: isDryRun(dryRun ?? []),
  }
}

function checkedOptions(body: unknown): DeleteOptions {
  const schema = schemaOf(optionsKind)
  const [mismatch] = schema === undefined ? [] : checkFields(body as DynamicObject, schema).mismatches
  if (mismatch !== undefined) throw cannotBeHandled(optionsKind, mismatch.message)
  return body as DeleteOptions
}

function optionsIn(query: URLSearchParams): DeleteOptions {
  const grace = query.get('gracePeriodSeconds') ?? ''
  const orphan = query.get('orphanDependents') ?? ''
  const policy = query.get('propagationPolicy') ?? ''
  if (grace !== '' && !/^[+-]?\d{1,15}$/.test(grace))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`)
  return {
    ...(grace === '' ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(orphan === '' ? {} : { orphanDependents: orphan !== 'false' && orphan !== '0' }),
    ...(policy === '' ? {} : { propagationPolicy: policy }),
    dryRun: query.getAll('dryRun'),
  }
}

function optionErrors({ propagationPolicy, orphanDependents, dryRun }: DeleteOptions): FieldError[] {
  const hasPolicy = propagationPolicy !== undefined && propagationPolicy !== null
  const both = hasPolicy && typeof orphanDependents === 'boolean'
  return [
    ...(both
      ? [invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set')]
      : []),
    ...(hasPolicy && !policies.some((policy) => policy === propagationPolicy)
      ? [notSupported('propagationPolicy', propagationPolicy, [...policies, 'nil'])]
      : []),
    ...dryRunErrors(dryRun ?? []),
  ]
}
