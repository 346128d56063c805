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

export interface Clock {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ClockSpec
  status?: ClockStatus
}

export interface ClockList {
  apiVersion?: string
  kind?: string
  metadata?: ListMeta
  items: Clock[]
}

export interface ClockSpec {
  mode?: string
  step?: string
  breakpoints?: Breakpoint[]
}

export interface Breakpoint {
  gate: string
  kind?: string
  namespace?: string
  name?: string
}

export interface ClockStatus {
  held?: HeldStep[]
}

export interface HeldStep {
  id: string
  component: string
  gate: string
  since: MicroTime
  kind?: string
  namespace?: string
  name?: string
  facts?: Record<string, string>
}
