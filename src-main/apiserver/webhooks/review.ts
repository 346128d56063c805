/** The AdmissionReview that a webhook is sent, and what its answer means. */
import type { Kind } from '../../api/define-kind.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Status } from '../../api/types/meta-v1.ts'
import type { AdmissionRequest } from '../admission/admission.ts'

const apiVersion = 'admission.k8s.io/v1'

/** What the webhook sees: the object as one version of its resource. */
export interface ReviewSubject {
  readonly request: AdmissionRequest
  /** The version that a rule names, which may be another one than the request's. */
  readonly kind: Kind
  /** Absent: there is none in this operation. */
  readonly object: DynamicObject | undefined
  readonly previous: DynamicObject | undefined
}

export function reviewOf({ request, kind, object, previous }: ReviewSubject, uid: string): object {
  const { subresource, name, namespace, operation, user, dryRun } = request
  const part = subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource }
  return {
    kind: 'AdmissionReview',
    apiVersion,
    request: {
      uid,
      kind: request.objectKind ?? gvk(kind),
      resource: resourceOf(kind),
      ...part,
      requestKind: request.objectKind ?? gvk(request.kind),
      requestResource: resourceOf(request.kind),
      ...(name === '' ? {} : { name }),
      ...(namespace === '' ? {} : { namespace }),
      operation,
      userInfo: {
        username: user.name,
        ...(user.uid === undefined ? {} : { uid: user.uid }),
        groups: user.groups,
        ...(user.extra === undefined ? {} : { extra: user.extra }),
      },
      object: object ?? null,
      oldObject: previous ?? null,
      dryRun,
      options: request.options?.() ?? null,
    },
  }
}

const gvk = ({ group, version, kind }: Kind): object => ({ group, version, kind })
const resourceOf = ({ group, version, plural }: Kind): object => ({ group, version, resource: plural })

export interface Verdict {
  readonly allowed: boolean
  /** The JSON patch; absent: nothing is changed. */
  readonly patch: unknown
  readonly warnings: readonly string[]
  readonly auditAnnotations: Readonly<Record<string, string>>
  readonly status: Partial<Status> | undefined
}

/** The webhook answered, but not as a webhook must. */
export class InvalidReviewError extends Error {
  override readonly name = 'InvalidReviewError'
}

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const fail = (message: string): never => {
  throw new InvalidReviewError(message)
}

/** Throws an InvalidReviewError for what is no answer to the review with this uid. */
export function verdictOf(answer: unknown, uid: string, mayPatch: boolean): Verdict {
  const review = isFields(answer) ? answer : fail('the answer is no object')
  if (review['apiVersion'] !== apiVersion || review['kind'] !== 'AdmissionReview')
    fail(
      `expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${String(review['apiVersion'] ?? '')}, Kind=${String(review['kind'] ?? '')}`,
    )
  const { response } = review
  if (!isFields(response)) return fail('webhook response was absent')
  if (response['uid'] !== uid)
    fail(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`)
  if (typeof (response['allowed'] ?? false) !== 'boolean') fail('response.allowed must be true or false')
  return {
    allowed: response['allowed'] === true,
    patch: patchOf(response, mayPatch),
    warnings: texts(response['warnings']),
    auditAnnotations: textFields(response['auditAnnotations']),
    status: isFields(response['status']) ? (response['status'] as Partial<Status>) : undefined,
  }
}

function patchOf(response: Fields, mayPatch: boolean): unknown {
  const { patch = null, patchType = null } = response
  if (!mayPatch) {
    if (patch !== null) fail('validating webhook may not return response.patch')
    if (patchType !== null) fail('validating webhook may not return response.patchType')
    return undefined
  }
  if (patch === null && patchType === null) return undefined
  if (patchType === null) fail('webhook returned response.patch but not response.patchType')
  if (patch === null || patch === '') fail('webhook returned response.patchType but not response.patch')
  if (patchType !== 'JSONPatch') fail(`webhook returned invalid response.patchType of ${JSON.stringify(patchType)}`)
  if (typeof patch !== 'string') fail('response.patch must be base64')
  try {
    return JSON.parse(Buffer.from(String(patch), 'base64').toString()) as unknown
  } catch {
    return fail('response.patch is not the base64 of JSON')
  }
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

function textFields(value: unknown): Record<string, string> {
  if (!isFields(value)) return {}
  return Object.fromEntries(Object.entries(value).filter((one): one is [string, string] => typeof one[1] === 'string'))
}
