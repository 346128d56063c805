/**
 * Conversion of custom objects by webhooks. Everything else about versions is worked out where it is needed; what a
 * webhook has to say is fetched beforehand, so that the code after it need not wait.
 */
import type { Kind } from '../../api/define-kind.ts'
import { StatusError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { WebhookConversion } from '../../api/types/apiextensions-v1.ts'
import type { ObjectMeta } from '../../api/types/meta-v1.ts'
import { defaulted } from '../../api/custom/default-object.ts'
import { pruneObject } from '../../api/custom/prune-object.ts'
import { samePlain } from '../registry/plain.ts'
import { draftInVersion } from '../registry/versions.ts'
import type { CachedObject } from '../cache/cached-object.ts'
import { completed, isCustom, needsWebhook, renamed, setReadForm, type CustomKindOf } from './read-form.ts'

/** Posts JSON to a webhook and gives back the JSON of its answer. */
export interface ConversionClient {
  post(
    config: NonNullable<WebhookConversion['clientConfig']>,
    body: unknown,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<unknown>
}

const timeoutMs = 30_000
/** So many objects go in one review. */
const batchSize = 500

export class CustomConversion {
  private readonly client: ConversionClient
  private readonly uuid: () => string

  constructor(client: ConversionClient, uuid: () => string) {
    this.client = client
    this.uuid = uuid
  }

  /** Makes sure that all of these can be read through the kind at once; undefined when they can already. */
  prepare(kind: Kind, stored: readonly CachedObject[], signal?: AbortSignal): Promise<void> | undefined {
    if (!isCustom(kind) || kind.custom.conversion === undefined) return undefined
    const objects = stored.map(({ object }) => object).filter((object) => needsWebhook(kind, object))
    return objects.length === 0 ? undefined : this.fetch(kind, objects, signal)
  }

  /** The object in the version in which its kind is stored; `draft` may be in any version. */
  toStored(kind: Kind, draft: DynamicObject, signal?: AbortSignal): DynamicObject | Promise<DynamicObject> {
    if (!isCustom(kind) || draft.apiVersion === kind.custom.storageVersion) return draft
    const storage = kind.custom.versions.get(kind.custom.storageVersion)
    if (storage === undefined || !isCustom(storage)) return draft
    if (kind.custom.conversion === undefined) return renamed(storage, draft)
    return this.convert(storage, [draft], signal).then(([converted]) => converted ?? draft)
  }

  /** Whether a draft has to be sent to a webhook to be seen in this version. */
  asksFor(kind: Kind, draft: DynamicObject): kind is CustomKindOf {
    return isCustom(kind) && kind.custom.conversion !== undefined && draft.apiVersion !== kind.apiVersion
  }

  /** A draft in another version of its kind. Nothing of it is kept, as it may still be changed. */
  inVersion(kind: Kind, draft: DynamicObject, signal?: AbortSignal): DynamicObject | Promise<DynamicObject> {
    if (!this.asksFor(kind, draft)) return draftInVersion(draft, kind)
    return this.convert(kind, [draft], signal).then(([form]) => defaulted(form ?? draft, kind.custom.schema))
  }

  private async fetch(kind: CustomKindOf, objects: readonly DynamicObject[], signal?: AbortSignal): Promise<void> {
    // One review is about objects of one version.
    const byVersion = Map.groupBy(objects, ({ apiVersion = '' }) => apiVersion)
    const batches = [...byVersion.values()].flatMap((same) =>
      Array.from({ length: Math.ceil(same.length / batchSize) }, (_, at) =>
        same.slice(at * batchSize, (at + 1) * batchSize),
      ),
    )
    await Promise.all(
      batches.map(async (batch) => {
        const forms = await this.convert(
          kind,
          batch.map((object) => completed(kind, object)),
          signal,
        )
        for (const [index, object] of batch.entries()) setReadForm(kind, object, forms[index] ?? object)
      }),
    )
  }

  private async convert(
    kind: CustomKindOf,
    objects: readonly DynamicObject[],
    signal: AbortSignal | undefined,
  ): Promise<DynamicObject[]> {
    const { conversion } = kind.custom
    if (conversion?.clientConfig === undefined) return objects.map((object) => renamed(kind, object))
    const from = `${objects[0]?.apiVersion}, Kind=${kind.kind}`
    const version = conversion.conversionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1') ?? 'v1'
    const uid = this.uuid()
    const review = {
      kind: 'ConversionReview',
      apiVersion: `apiextensions.k8s.io/${version}`,
      request: { uid, desiredAPIVersion: kind.apiVersion, objects },
    }
    let answer: unknown
    try {
      answer = await this.client.post(conversion.clientConfig, review, timeoutMs, signal)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw Object.assign(failed(`conversion webhook for ${from} failed: ${reason}`), { cause: error })
    }
    const converted = readReview(answer, { uid, version, from, count: objects.length })
    return objects.map((object, index) => accepted(kind, object, converted[index], from))
  }
}

const failed = (message: string): StatusError => new StatusError(500, 'InternalError', message)

interface Asked {
  readonly uid: string
  readonly version: string
  readonly from: string
  readonly count: number
}

function readReview(answer: unknown, { uid, version, from, count }: Asked): readonly unknown[] {
  const refuse = (reason: string): StatusError => failed(`conversion webhook for ${from} failed: ${reason}`)
  const { kind, apiVersion, response } = (answer ?? {}) as {
    kind?: unknown
    apiVersion?: unknown
    response?: { uid?: unknown; result?: { status?: unknown; message?: unknown }; convertedObjects?: unknown }
  }
  if (kind !== 'ConversionReview' || apiVersion !== `apiextensions.k8s.io/${version}`)
    throw refuse(
      `expected a ConversionReview of apiextensions.k8s.io/${version}, got ${String(kind)} of ${String(apiVersion)}`,
    )
  if (typeof response !== 'object' || response === null) throw refuse('the answer has no response')
  if (response.uid !== uid)
    throw refuse(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid)}`)
  const { status, message } = response.result ?? {}
  if (status !== 'Success')
    throw refuse(
      typeof message === 'string' && message !== ''
        ? message
        : `expected response.result.status to be 'Success', got ${JSON.stringify(status ?? '')}`,
    )
  const objects = response.convertedObjects
  if (!Array.isArray(objects) || objects.length !== count)
    throw refuse(`webhook returned ${Array.isArray(objects) ? objects.length : 0} objects, expected ${count}`)
  return objects
}

/** What a webhook may not touch is checked or put back: who an object is, is not its to say. */
function accepted(kind: CustomKindOf, original: DynamicObject, converted: unknown, from: string): DynamicObject {
  const refuse = (reason: string): StatusError => failed(`conversion webhook for ${from} returned invalid ${reason}`)
  if (typeof converted !== 'object' || converted === null || Array.isArray(converted)) throw refuse('object: no object')
  const object = converted as DynamicObject
  if (object.apiVersion !== kind.apiVersion)
    throw refuse(`converted object: invalid groupVersion (expected ${kind.apiVersion}, received ${object.apiVersion})`)
  if (object.kind !== kind.kind)
    throw refuse(`converted object: invalid kind (expected ${kind.kind}, received ${object.kind})`)
  const { object: pruned, mismatch } = pruneObject(object, kind.custom.schema)
  if (mismatch !== undefined) throw refuse(`metadata: ${mismatch}`)
  const before = original.metadata ?? {}
  const after = (pruned.metadata ?? {}) as ObjectMeta
  for (const name of ['name', 'namespace', 'uid'] as const)
    if (!samePlain(after[name], before[name]))
      throw refuse(`metadata: must have the same ${name}: ${String(after[name])} != ${String(before[name])}`)
  const { labels: _labels, annotations: _annotations, ...kept } = before
  const { labels, annotations } = after
  return {
    ...pruned,
    metadata: {
      ...kept,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  }
}
