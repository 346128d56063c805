import { dnsLabelProblems } from '../meta/names.ts'
import type { ObjectMeta } from '../types/meta-v1.ts'

const surprising = 'which can result in surprising behavior; a DNS label is recommended'

/** Of an object whose pods are named after it, or which is a pod. `use`: what its name becomes. */
export function nameWarnings(metadata: ObjectMeta | undefined, use = 'in Pod names and hostnames'): string[] {
  const problems = dnsLabelProblems(metadata?.name)
  return problems.length === 0 ? [] : [`metadata.name: this is used ${use}, ${surprising}: [${problems.join(' ')}]`]
}
