/** The Pod Security Standards: how a namespace asks for a level, and whether a pod keeps to it. */
import { invalid, type FieldError } from '../field-error.ts'
import { baselineChecks } from './baseline-checks.ts'
import type { PodCheck, Violation } from './check.ts'
import type { PodSpec } from '../types/core-v1.ts'
import type { ObjectMeta } from '../types/meta-v1.ts'
import { restrictedChecks } from './restricted-checks.ts'

export type Mode = 'enforce' | 'audit' | 'warn'
export type Level = 'privileged' | 'baseline' | 'restricted'

export interface LevelVersion {
  readonly level: Level
  /** `latest` or `v1.25`. */
  readonly version: string
}

export const modes: readonly Mode[] = ['enforce', 'audit', 'warn']
const levels: readonly string[] = ['privileged', 'baseline', 'restricted']
const prefix = 'pod-security.kubernetes.io/'
/** What a label that says nothing readable stands for: too strict rather than too lax. */
const strictest: LevelVersion = { level: 'restricted', version: 'latest' }

export const levelText = ({ level, version }: LevelVersion): string => `${level}:${version}`

/** What the labels of a namespace ask for in one mode. */
export function levelOf(labels: Readonly<Record<string, string>> | undefined, mode: Mode): LevelVersion {
  const level = labels?.[prefix + mode] ?? 'privileged'
  const version = labels?.[`${prefix}${mode}-version`] ?? 'latest'
  if (!levels.includes(level)) return strictest
  return { level: level as Level, version: minorOf(version) === undefined ? 'latest' : version }
}

/** Labels of a namespace that mean no level or no version. */
export function levelProblems(labels: Readonly<Record<string, string>> | undefined): FieldError[] {
  return modes.flatMap((mode) => {
    const level = labels?.[prefix + mode]
    const version = labels?.[`${prefix}${mode}-version`]
    const at = (name: string): string => `metadata.labels[${prefix}${name}]`
    return [
      ...(level === undefined || levels.includes(level)
        ? []
        : [invalid(at(mode), level, `must be one of ${levels.join(', ')}`)]),
      ...(version === undefined || minorOf(version) !== undefined
        ? []
        : [invalid(at(`${mode}-version`), version, 'must be "latest" or "v1.x"')]),
    ]
  })
}

function minorOf(version: string): number | undefined {
  if (version === 'latest') return Infinity
  const minor = /^v1\.(0|[1-9]\d*)$/.exec(version)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

/** What a pod, or a template of one, does that the level does not allow. */
export function violationsOf({ level, version }: LevelVersion, metadata: ObjectMeta, spec: PodSpec): Violation[] {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]
  const minor = minorOf(version) ?? Infinity
  return checksOf(level, minor).flatMap((one) => one.check({ metadata, spec, containers }, minor) ?? [])
}

function checksOf(level: Level, minor: number): readonly PodCheck[] {
  if (level === 'privileged') return []
  const known = ({ since }: PodCheck): boolean => since <= minor
  const baseline = baselineChecks.filter(known)
  if (level === 'baseline') return baseline
  const restricted = restrictedChecks.filter(known)
  const replaced = new Set(restricted.map(({ replaces }) => replaces))
  return [...baseline.filter(({ id }) => !replaced.has(id)), ...restricted]
}

/** `violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "c" must set …)`. */
export const violationText = (verb: string, level: LevelVersion, violations: readonly Violation[]): string =>
  `${verb} PodSecurity "${levelText(level)}": ${violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ')}`
