import type { Pod, Volume } from '../api/types/core-v1.ts'

export interface ConfigReferences {
  readonly configMaps: ReadonlySet<string>
  readonly secrets: ReadonlySet<string>
  /** The shortest life of a token that the pod mounts, in seconds; undefined: it mounts none. */
  readonly tokenSeconds: number | undefined
}

const defaultTokenSeconds = 3600

/** Which objects a pod's volumes show: pure. */
export function configReferences({ spec }: Pod): ConfigReferences {
  const configMaps = new Set<string>()
  const secrets = new Set<string>()
  const lives: number[] = []
  for (const volume of spec?.volumes ?? []) {
    if (volume.configMap?.name !== undefined) configMaps.add(volume.configMap.name)
    if (volume.secret?.secretName !== undefined) secrets.add(volume.secret.secretName)
    for (const { configMap, secret, serviceAccountToken } of volume.projected?.sources ?? []) {
      if (configMap?.name !== undefined) configMaps.add(configMap.name)
      if (secret?.name !== undefined) secrets.add(secret.name)
      if (serviceAccountToken !== undefined) lives.push(serviceAccountToken.expirationSeconds ?? defaultTokenSeconds)
    }
  }
  return { configMaps, secrets, tokenSeconds: lives.length === 0 ? undefined : Math.min(...lives) }
}

/** Whether a volume's content comes from the API and may change while it is mounted. */
export function followsApi(volume: Volume): boolean {
  const { configMap, secret, projected, downwardAPI } = volume
  return [configMap, secret, projected, downwardAPI].some((source) => source !== undefined)
}
