/** Keeps the status of the ValidatingAdmissionPolicies: what their type check found, and of which generation. */
import type { Kind } from '../../../api/define-kind.ts'
import { isReason } from '../../../api/errors.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { ValidatingAdmissionPolicy } from '../../../api/types/admissionregistration-v1.ts'
import type { Client } from '../../../client/client.ts'
import type { Disposable } from '../../../lib/disposable.ts'
import { describeError, type Log } from '../../../lib/log.ts'
import type { OpenWatch } from '../../cache/resource-cache.ts'
import type { WatchCache } from '../../cache/watch-cache.ts'
import type { KindRegistry } from '../../kind-registry.ts'
import { expressionWarnings } from './type-checking.ts'

const resource = 'admissionregistration.k8s.io/validatingadmissionpolicies'

export interface PolicyStatusOptions {
  readonly cache: WatchCache
  readonly kinds: KindRegistry
  readonly client: Client
  readonly log: Log
}

/** Runs until disposed. */
export function startPolicyStatus(options: PolicyStatusOptions): Disposable {
  const { cache, log } = options
  let watch: OpenWatch | undefined
  let ended = false
  const follow = async (): Promise<void> => {
    while (!ended && cache.failed === undefined) {
      watch = cache.resource(resource).watch({ selection: {}, bookmarks: false })
      for await (const { type, stored } of watch.events) {
        if (type === 'DELETED' || ended) continue
        await writeStatus(stored.object, options).catch((error: unknown) =>
          log.warn('the status of a policy could not be written', { error: describeError(error) }),
        )
      }
    }
  }
  const running = follow()
  return {
    async dispose() {
      ended = true
      if (watch !== undefined) cache.resource(resource).stop(watch.watcher)
      await running
    },
  }
}

async function writeStatus(object: DynamicObject, { kinds, client }: PolicyStatusOptions): Promise<void> {
  const { metadata, spec = {}, status } = object as ValidatingAdmissionPolicy
  const { generation = 1, name = '', uid = '' } = metadata ?? {}
  const kind = kinds.find('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies') as
    Kind<DynamicObject> | undefined
  if (kind === undefined || status?.observedGeneration === generation) return
  const warnings = expressionWarnings(spec, kinds)
  const patch = {
    metadata: { uid },
    status: {
      observedGeneration: generation,
      typeChecking: warnings.length === 0 ? {} : { expressionWarnings: warnings },
    },
  }
  try {
    await client.patch(kind, { name }, { type: 'merge', patch }, { subresource: 'status' })
  } catch (error) {
    // It is gone, or another one by now, whose own event comes.
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
