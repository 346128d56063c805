import { endpointSlice as sliceKind } from '../../api/kinds/discovery/endpoint-slice.ts'
import type { Client } from '../../client/client.ts'
import type { ReconcileContext } from '../../client/controller.ts'
import type { SlicesPlan } from './slices.ts'

/** New slices come before old ones go, so that no endpoint is missing in between. */
export async function applySlices(
  client: Client,
  { create, update, remove }: SlicesPlan,
  cause: ReconcileContext['cause'],
): Promise<void> {
  for (const slice of create) await client.create(sliceKind, slice, { cause })
  for (const slice of update) await client.update(sliceKind, slice, { cause })
  for (const { metadata } of remove) {
    const { name, namespace = '', uid, resourceVersion } = metadata
    await client.delete(sliceKind, { name, namespace }, { preconditions: { uid, resourceVersion }, cause })
  }
}
