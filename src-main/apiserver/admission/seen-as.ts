/** The objects of a request as webhooks and policies see them: in the version that their rules name. */
import type { Kind } from '../../api/define-kind.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { CustomConversion } from '../custom/conversion.ts'
import { draftInVersion } from '../registry/versions.ts'
import type { AdmissionRequest } from './admission.ts'

/** What a conversion webhook has made of the objects of a request, for each version. */
export type Forms = ReadonlyMap<Kind, ReadonlyMap<DynamicObject, DynamicObject>>

/** The object itself when it is in that version, or of a kind of its own. */
export function seenAs(
  { kind, objectKind, forms }: Pick<AdmissionRequest, 'kind' | 'objectKind' | 'forms'>,
  object: DynamicObject,
  matched: Kind,
): DynamicObject {
  if (matched === kind || objectKind !== undefined) return object
  return forms?.get(matched)?.get(object) ?? draftInVersion(object, matched)
}

/**
 * The request with its objects in all these versions, fetched from the conversion webhook of a custom resource;
 * undefined when nothing has to be fetched. What is fetched holds until the object changes.
 */
export function withForms(
  request: AdmissionRequest,
  kinds: readonly Kind[],
  conversion: CustomConversion,
): Promise<AdmissionRequest> | undefined {
  if (request.objectKind !== undefined) return undefined
  const objects = [request.object, request.previous].filter((one) => one !== undefined)
  const wanted = kinds.filter((kind) => objects.some((object) => conversion.asksFor(kind, object)))
  return wanted.length === 0 ? undefined : fetched(request, new Set(wanted), new Set(objects), conversion)
}

async function fetched(
  request: AdmissionRequest,
  kinds: ReadonlySet<Kind>,
  objects: ReadonlySet<DynamicObject>,
  conversion: CustomConversion,
): Promise<AdmissionRequest> {
  const forms = await Promise.all(
    [...kinds].map(async (kind) => {
      const pairs = [...objects].map(
        async (object) => [object, await conversion.inVersion(kind, object, request.signal)] as const,
      )
      return [kind, new Map(await Promise.all(pairs))] as const
    }),
  )
  return { ...request, forms: new Map(forms) }
}
