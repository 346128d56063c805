/** Follows the CRDs in the store and keeps the registry of kinds in step with them. */
import { customKinds, namesOf, type RuleCompiler } from '../../api/custom/custom-kinds.ts'
import type { Kind } from '../../api/define-kind.ts'
import { isConditionTrue } from '../../api/meta/conditions.ts'
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { Log } from '../../lib/log.ts'
import { describeError } from '../../lib/log.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { ChangingKinds } from '../registered-kinds.ts'

export const definitionsResource = 'apiextensions.k8s.io/customresourcedefinitions'

export interface DefinitionsOptions {
  readonly cache: WatchCache
  readonly kinds: ChangingKinds
  readonly log: Log
  /** Absent: expressions in schemas are kept and not evaluated. */
  readonly compileRules?: RuleCompiler
}

interface Served {
  /** Of everything that the kinds are made from. */
  readonly fingerprint: string
  readonly kinds: readonly Kind[]
}

/** The kinds of a CRD are served from the turn on in which the store tells that it is established. */
export function followDefinitions({ cache, kinds, log, compileRules }: DefinitionsOptions): Disposable {
  const resource = cache.resource(definitionsResource)
  const byName = new Map<string, Served>()
  const options = compileRules === undefined ? {} : { compileRules }

  const servedOf = (definition: CustomResourceDefinition): readonly Kind[] => {
    const { spec, status } = definition
    if (!isConditionTrue(status?.conditions, 'Established') || kinds.isBuiltIn(spec.group, spec.names.plural)) return []
    try {
      const served = new Set(spec.versions.filter((one) => one.served).map(({ name }) => name))
      return customKinds(definition, options).filter(({ version }) => served.has(version))
    } catch (error) {
      // Written by another program, or by one with fewer rules: the rest of the cluster does not suffer for it.
      log.error('a custom resource definition cannot be served', {
        name: definition.metadata?.name ?? '',
        error: describeError(error),
      })
      return []
    }
  }
  /** Whether anything changed. */
  const take = (name: string, definition: CustomResourceDefinition | undefined): boolean => {
    const known = byName.get(name)
    if (definition === undefined) return byName.delete(name) && known?.kinds.length !== 0
    const fingerprint = fingerprintOf(definition)
    if (known?.fingerprint === fingerprint) return false
    const served = servedOf(definition)
    byName.set(name, { fingerprint, kinds: served })
    return served.length > 0 || (known !== undefined && known.kinds.length > 0)
  }
  const publish = (): void => {
    const names = [...byName.keys()].sort()
    kinds.setCustom(names.flatMap((name) => byName.get(name)?.kinds ?? []))
  }

  // What is there already is published once.
  let started = false
  const following = resource.follow((previous, next) => {
    const name = next?.key ?? previous?.key ?? ''
    const changed = take(name, next?.object as CustomResourceDefinition | undefined)
    if (changed && started) publish()
  })
  started = true
  publish()
  return following
}

/** The generation stands for the spec. */
function fingerprintOf(definition: CustomResourceDefinition): string {
  const { metadata, status } = definition
  const established = isConditionTrue(status?.conditions, 'Established')
  const deleting = metadata?.deletionTimestamp !== undefined
  return JSON.stringify([metadata?.uid, metadata?.generation, established, deleting, namesOf(definition)])
}
