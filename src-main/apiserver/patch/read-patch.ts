/** Reads the body of a PATCH and turns it into a function from the current object to the wanted one. */
import { badRequest, StatusError, unsupportedMediaType } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { schemaOf, type GroupVersionKind } from '../../api/schema/schema.ts'
import { asObject, contentTypeOf, parseJson, readBytes } from '../filters/decode.ts'
import type { Operation } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import { applyJsonPatch, JsonPatchError } from './json.ts'
import { applyMergePatch } from './merge.ts'
import { applyStrategicPatch, StrategicPatchError } from './strategic.ts'

/** The result is the caller's to change; what it was made from stays as it is. */
export type PatchFunction = (current: DynamicObject) => DynamicObject

const jsonPatch = 'application/json-patch+json'
const mergePatch = 'application/merge-patch+json'
const applyPatch = 'application/apply-patch+yaml'
const strategicPatch = 'application/strategic-merge-patch+json'

/** Throws `UnsupportedMediaType` for any other form of patch. */
export async function readPatch(operation: Operation, kind: GroupVersionKind): Promise<PatchFunction> {
  const contentType = contentTypeOf(operation)
  const apply = patchFor(contentType, kind)
  const patch = await patchBody(operation)
  return (current) => asObject(copyPlain(translated(() => apply(current, patch))))
}

function patchFor(contentType: string, kind: GroupVersionKind): (current: DynamicObject, patch: unknown) => unknown {
  if (contentType === jsonPatch) return (current, patch) => applyJsonPatch(copyPlain(current), patch)
  if (contentType === mergePatch) return (current, patch) => applyMergePatch(current, asObject(patch))
  // Of custom kinds nobody knows how their lists are merged strategically.
  const schema = 'custom' in kind && kind.custom !== undefined ? undefined : schemaOf(kind)
  if (contentType === strategicPatch && schema !== undefined)
    return (current, patch) => applyStrategicPatch(current, asObject(patch), schema)
  throw unsupportedMediaType([jsonPatch, mergePatch, schema === undefined ? applyPatch : strategicPatch])
}

async function patchBody({ request }: Operation): Promise<unknown> {
  const { body } = request
  if (body.type === 'none') throw badRequest('a patch needs a body')
  return body.type === 'data' ? copyPlain(body.data) : parseJson(await readBytes(body))
}

/** The client's fault, in the client's terms. */
function translated(apply: () => unknown): unknown {
  try {
    return apply()
  } catch (error) {
    if (error instanceof StrategicPatchError) throw badRequest(error.message)
    if (!(error instanceof JsonPatchError)) throw error
    if (error.code === 'Malformed') throw badRequest(error.message)
    throw new StatusError(
      422,
      'Invalid',
      `the server rejected our request due to an error in our request: ${error.message}`,
      {},
    )
  }
}
