import { methodNotAllowed } from '../../api/errors.ts'
import { contentTypeOf } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { applyPatch, readPatch } from '../patch/read-patch.ts'
import { checkPatched } from '../registry/schema-steps.ts'
import { updateObject } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { handleApply } from './apply.ts'
import { writeOptionsOf } from './write-options.ts'

export async function handlePatch(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target } = operation
  if (target.name === '') throw methodNotAllowed()
  if (contentTypeOf(operation) === applyPatch) return handleApply(parts, operation)
  const { dryRun, validation } = writeOptionsOf(operation)
  const patch = await readPatch(operation, kind)
  const warned = new Set<string>()
  const warn = (text: string): void => {
    // A conflict makes the patch run again; the client hears of a problem once.
    if (!warned.has(text)) operation.warn(text)
    warned.add(text)
  }
  const stored = await updateObject(parts, operation, {
    dryRun,
    apply(current) {
      const patched = patch.apply(current)
      const revision = patched.metadata?.resourceVersion
      const object = checkPatched(kind, patched, validation, warn, patch.words)
      // Unless the patch itself names a version, it applies to whatever is there.
      if (revision !== current.metadata?.resourceVersion || object.metadata === undefined) return object
      const { resourceVersion: _resourceVersion, ...meta } = object.metadata
      return { ...object, metadata: meta }
    },
  })
  return { type: 'object', code: 200, kind, stored }
}
