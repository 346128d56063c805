/** Reads the body of a PATCH and turns it into a function from the current object to the wanted one. */
import { badRequest, StatusError, unsupportedMediaType } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { schemaOf, type GroupVersionKind } from '../../api/schema/schema.ts'
import { asObject, contentTypeOf, parseJson, readBytes, Unreadable } from '../filters/decode.ts'
import { jsonProblems, noProblems, type TextProblems } from '../filters/text-problems.ts'
import type { Operation } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import type { PatchText } from '../registry/schema-steps.ts'
import { goText } from './go-text.ts'
import { applyJsonPatch, JsonPatchError } from './json.ts'
import { applyMergePatch } from './merge.ts'
import { StrategicPatchError } from './strategic-patch-error.ts'
import { applyStrategicPatch } from './strategic.ts'

export interface ReadPatch {
  /** The result is the caller's to change; what it was made from stays as it is. */
  apply(current: DynamicObject): DynamicObject
  /** How errors show it. */
  readonly words: PatchText
}

export const applyPatch = 'application/apply-patch+yaml'
const jsonPatch = 'application/json-patch+json'
const mergePatch = 'application/merge-patch+json'
const strategicPatch = 'application/strategic-merge-patch+json'

type Apply = (current: DynamicObject, patch: unknown) => unknown

/** Throws `UnsupportedMediaType` for any other form of patch. */
export async function readPatch(operation: Operation, kind: GroupVersionKind): Promise<ReadPatch> {
  const contentType = contentTypeOf(operation)
  const apply = patchFor(contentType, kind)
  const { patch, text, problems } = await patchBody(operation)
  const strategic = contentType === strategicPatch
  return {
    apply: (current) => asObject(copyPlain(translated(() => apply(current, patch)))),
    words: {
      ...{ problems, text: strategic ? goText(patch) : text },
      shown: (patched) => (strategic ? goText(patch) : JSON.stringify(patched)),
    },
  }
}

function patchFor(contentType: string, kind: GroupVersionKind): Apply {
  if (contentType === jsonPatch) return (current, patch) => applyJsonPatch(copyPlain(current), patch)
  if (contentType === mergePatch) return (current, patch) => applyMergePatch(current, asPatch(patch))
  // Of custom kinds nobody knows how their lists are merged strategically.
  const schema = 'custom' in kind && kind.custom !== undefined ? undefined : schemaOf(kind)
  if (contentType === strategicPatch && schema !== undefined)
    return (current, patch) => applyStrategicPatch(current, asPatch(patch), schema)
  throw unsupportedMediaType([jsonPatch, mergePatch, ...(schema === undefined ? [] : [strategicPatch]), applyPatch])
}

function asPatch(patch: unknown): DynamicObject {
  if (typeof patch === 'object' && patch !== null && !Array.isArray(patch)) return patch as DynamicObject
  const type = Array.isArray(patch) ? 'array' : typeof patch
  throw badRequest(`error decoding patch: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`)
}

interface PatchBody {
  readonly patch: unknown
  readonly text: string
  readonly problems: TextProblems
}

async function patchBody({ request }: Operation): Promise<PatchBody> {
  const { body } = request
  if (body.type === 'none') throw badRequest('error decoding patch: unexpected end of JSON input')
  if (body.type === 'data') {
    const patch = copyPlain(body.data)
    return { patch, text: JSON.stringify(patch), problems: noProblems }
  }
  const bytes = await readBytes(body)
  const patch = parsedPatch(bytes)
  const text = new TextDecoder().decode(bytes)
  return { patch, text, problems: jsonProblems(text) }
}

function parsedPatch(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    throw Object.assign(badRequest(`error decoding patch: ${error.reasonText}`), { cause: error })
  }
}

/** The client's fault, in the client's terms. */
function translated(apply: () => unknown): unknown {
  try {
    return apply()
  } catch (error) {
    if (error instanceof StrategicPatchError) throw badRequest(error.message)
    if (!(error instanceof JsonPatchError)) throw error
    if (error.code === 'Malformed') throw badRequest(error.message)
    // Kubernetes keeps what was wrong to itself; here it is the cause.
    const refused = new StatusError(
      422,
      'Invalid',
      'the server rejected our request due to an error in our request',
      {},
    )
    throw Object.assign(refused, { cause: error })
  }
}
