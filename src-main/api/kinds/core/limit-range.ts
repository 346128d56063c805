import { defineKind } from '../../define-kind.ts'
import type { LimitRange, LimitRangeItem } from '../../types/core-v1.ts'
import { validateLimitRange } from './limit-range-validation.ts'

/** A container's missing default limit is its maximum; its missing default request that limit, or its minimum. */
function defaultContainerItem(draft: LimitRangeItem): void {
  if (draft.type !== 'Container') return
  const limits = { ...draft.max, ...draft.default }
  const requests = { ...draft.min, ...limits, ...draft.defaultRequest }
  if (Object.keys(limits).length > 0) draft.default = limits
  if (Object.keys(requests).length > 0) draft.defaultRequest = requests
}

export const limitRange = defineKind<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  short: ['limits'],
  scope: 'Namespaced',
  updatesCreate: true,
  defaults({ spec }) {
    for (const item of spec?.limits ?? []) defaultContainerItem(item)
  },
  validate: validateLimitRange,
})
