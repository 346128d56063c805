import type { ConfigMapProjection } from '../../api/types/core-v1.ts'
import { ConfigError } from '../config-error.ts'
import { defaultFileMode, payloadVolume, selectFiles, type PayloadFile } from './payload.ts'
import type { VolumeContext, VolumeKind } from './volume.ts'

export const configMapVolume: VolumeKind = {
  field: 'configMap',
  path: (_volume, folder) => folder,
  async prepare({ configMap: source = {} }, folder, context) {
    const files = await configMapFiles(source, source.defaultMode ?? defaultFileMode, context)
    return payloadVolume(folder, files, context.stamp, context.pod.spec?.securityContext?.fsGroup)
  },
}

export async function configMapFiles(
  { name = '', items, optional = false }: ConfigMapProjection,
  mode: number,
  { pod, config }: VolumeContext,
): Promise<PayloadFile[]> {
  const found = await config.configMap(pod.metadata.namespace ?? 'default', name)
  if (found === undefined && !optional) throw new ConfigError('FailedMount', `configmap "${name}" not found`)
  const text = Object.entries(found?.data ?? {}).map(([key, value]): [string, Uint8Array] => [key, Buffer.from(value)])
  const binary = Object.entries(found?.binaryData ?? {}).map(([key, value]): [string, Uint8Array] => [
    key,
    Buffer.from(value, 'base64'),
  ])
  return selectFiles(new Map([...text, ...binary]), items, mode, { what: 'config', optional })
}
