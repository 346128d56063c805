/** One rule of the Pod Security Standards, and what it needs to be told about a pod. */
import type { Container, EphemeralContainer, PodSpec } from '../types/core-v1.ts'
import type { ObjectMeta } from '../types/meta-v1.ts'

export interface CheckedPod {
  readonly metadata: ObjectMeta
  readonly spec: PodSpec
  readonly containers: readonly (Container | EphemeralContainer)[]
}

export interface Violation {
  readonly reason: string
  readonly detail: string
}

export interface PodCheck {
  /** Checks of one level are reported in the order of their ids. */
  readonly id: string
  /** The minor version of Kubernetes that brought the rule. */
  readonly since: number
  /** The id of the baseline's rule that this stricter one stands for. */
  readonly replaces?: string
  check(pod: CheckedPod, minor: number): Violation | undefined
}

export const plural = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many)
export const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')

/** `container "a"`, `containers "a", "b"`. */
export const containerList = (names: readonly string[]): string =>
  `${plural(names.length, 'container')} ${quoted(names)}`

/** The names of the containers that break a rule. */
export const namesWhere = (
  { containers }: CheckedPod,
  breaks: (container: Container | EphemeralContainer) => boolean,
): string[] => containers.filter(breaks).map(({ name }) => name)

/** The pod as a whole and its containers that set something: `pod and container "a"`; empty when none does. */
export function setters(pod: boolean, containers: readonly string[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containerList(containers)] : [])].join(' and ')
}

export const isWindows = ({ spec }: CheckedPod): boolean => spec.os?.name === 'windows'
