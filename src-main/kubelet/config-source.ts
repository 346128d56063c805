import { isReason } from '../api/errors.ts'
import type { Kind } from '../api/define-kind.ts'
import { configMap } from '../api/kinds/core/config-map.ts'
import { secret } from '../api/kinds/core/secret.ts'
import type { KubernetesObject } from '../api/meta/object.ts'
import type { Service } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import type { Lister } from '../client/lister.ts'
import type { ConfigSource } from './environment.ts'

/** Reads config maps and secrets when a container needs them; services come from a cache. */
export function createConfigSource(client: Client, services: Lister<Service>): ConfigSource {
  const read = async <T extends KubernetesObject>(
    kind: Kind<T>,
    namespace: string,
    name: string,
  ): Promise<T | undefined> => {
    try {
      return await client.get(kind, { namespace, name })
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
  return {
    configMap: (namespace, name) => read(configMap, namespace, name),
    secret: (namespace, name) => read(secret, namespace, name),
    services: () => services.list(),
  }
}
