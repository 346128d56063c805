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

export interface Decision {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  profile: string
  time: MicroTime
  attempts: number
  message: string
  node?: string
  inputs: DecisionInputs
  predicates: string[]
  refusals: DecisionRefusal[]
  candidates: DecisionCandidate[]
  tied?: string[]
  preemption?: DecisionPreemption
  bypassed?: DecisionBypass[]
}

export interface DecisionList {
  apiVersion?: string
  kind?: string
  metadata?: ListMeta
  items: Decision[]
}

export interface DecisionInputs {
  priority: number
  requests?: Record<string, string>
  nodes: number
  looked: number
}

export interface DecisionRefusal {
  node?: string
  nodes?: number
  predicate: string
  resolvable: boolean
  reasons: string[]
}

export interface DecisionCandidate {
  node: string
  total: number
  allocatable?: Record<string, string>
  requested?: Record<string, string>
  scores: DecisionScore[]
}

export interface DecisionScore {
  priority: string
  weight: number
  raw?: number
  normalised: number
  weighted: number
}

export interface DecisionPreemption {
  message?: string
  node?: string
  candidates: DecisionVictims[]
}

export interface DecisionVictims {
  node: string
  violations: number
  victims: string[]
}

export interface DecisionBypass {
  rule: string
  reason: string
}
