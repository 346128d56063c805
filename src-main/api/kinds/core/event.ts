import { defineKind } from '../../define-kind.ts'
import type { Event } from '../../types/core-v1.ts'

export const event = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  short: ['ev'],
  scope: 'Namespaced',
})
