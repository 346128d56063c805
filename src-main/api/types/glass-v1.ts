// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, MicroTime, ObjectMeta } from './meta-v1.ts'

export interface Timeline {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spans: Span[]
}

export interface TimelineList {
  apiVersion?: string
  kind?: string
  metadata?: ListMeta
  items: Timeline[]
}

export interface Span {
  name: string
  component: string
  start: MicroTime
  durationMicroseconds: number
  error?: string
  facts?: Record<string, string>
}
