/** Since when a device is tainted: claims that tolerate a taint for a while leave when it is over. */
import { inFormOfV1 } from '../../api/kinds/resource/flat-form.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { ResourceSlice } from '../../api/types/resource-v1.ts'
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.ts'

/** A taint without a time is there from now on. `now` is RFC 3339 text. */
export function stampSliceTaints(draft: DynamicObject, _previous: DynamicObject | undefined, now: string): void {
  // The taints themselves are those of the draft, in whatever form it is.
  const { spec } = inFormOfV1('resourceslices', draft) as unknown as ResourceSlice
  for (const { taints } of spec?.devices ?? []) for (const taint of taints ?? []) taint.timeAdded ??= now
}

/** The time is that of the effect: one that changes is new, unless the client says since when it is there. */
export function stampRuleTaint(draft: DynamicObject, previous: DynamicObject | undefined, now: string): void {
  const taint = (draft as unknown as DeviceTaintRule).spec?.taint
  const before = (previous as DeviceTaintRule | undefined)?.spec?.taint
  if (taint === undefined) return
  taint.timeAdded ??= now
  if (before !== undefined && before.effect !== taint.effect && before.timeAdded === taint.timeAdded)
    taint.timeAdded = now
}
