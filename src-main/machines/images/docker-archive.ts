import { createHash } from 'node:crypto'
import { tarArchive, type TarEntry } from '../../lib/tar.ts'

export interface ImageRecipe {
  /** With its tag. */
  readonly name: string
  /** Docker's word for the processor: `amd64`, `arm64`. */
  readonly architecture: string
  /** Each a list of files; images that begin with the same layers share them. */
  readonly layers: readonly (readonly TarEntry[])[]
  readonly command: readonly string[]
  readonly environment?: readonly string[]
  readonly ports?: readonly number[]
}

/** Part of the image's identity: any fixed time will do. */
const created = '2026-01-01T00:00:00Z'

/** What `docker load` reads. The same recipe gives the same bytes, and so the same image id everywhere. */
export function dockerArchive(recipe: ImageRecipe): Uint8Array {
  const layers = recipe.layers.map((entries) => {
    const bytes = tarArchive(entries, 0)
    return { bytes, digest: sha256(bytes) }
  })
  const config = json({
    architecture: recipe.architecture,
    os: 'linux',
    created,
    config: {
      Cmd: recipe.command,
      Env: recipe.environment ?? [],
      ExposedPorts: Object.fromEntries((recipe.ports ?? []).map((port) => [`${port}/tcp`, {}])),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
    history: layers.map(() => ({ created, created_by: 'orrery' })),
  })
  const configFile = `${sha256(config)}.json`
  const layerFile = (digest: string): string => `${digest}/layer.tar`
  const manifest = [
    { Config: configFile, RepoTags: [recipe.name], Layers: layers.map(({ digest }) => layerFile(digest)) },
  ]
  const files: TarEntry[] = [
    { path: configFile, type: 'file', mode: 0o644, content: config },
    ...layers.flatMap(({ bytes, digest }): TarEntry[] => [
      { path: digest, type: 'directory', mode: 0o755 },
      { path: layerFile(digest), type: 'file', mode: 0o644, content: bytes },
    ]),
    { path: 'manifest.json', type: 'file', mode: 0o644, content: json(manifest) },
  ]
  return tarArchive(files, 0)
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
