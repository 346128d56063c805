import type { Live } from '../../api/meta/object.ts'
import type { Pod, Volume } from '../../api/types/core-v1.ts'
import type { ConfigSource } from '../environment.ts'
import type { NodeFacts } from '../field-reference.ts'
import type { TarEntry } from '../../lib/tar.ts'

/** What volumes are made from. */
export interface VolumeContext {
  readonly pod: Live<Pod>
  readonly config: ConfigSource
  readonly facts: NodeFacts
  /** Changes with every write, so that a new content never mixes with an old one. */
  readonly stamp: string
  /** A token of the pod's service account. */
  token(audience: string | undefined, expirationSeconds: number): Promise<string>
  /** Makes sure that an image is on the worker, and says its id. Throws ConfigError when it cannot be had. */
  image(reference: string, pullPolicy: string | undefined): Promise<string>
}

export interface PreparedVolume {
  readonly entries: readonly TarEntry[]
  /** Commands to run on the worker after the entries are written. */
  readonly commands?: readonly (readonly string[])[]
}

/** One kind of volume. */
export interface VolumeKind {
  /** The field of a volume that selects this kind. */
  readonly field: keyof Volume
  /** Where the volume is on the worker; `folder` is what is kept for it below the pod's folder. */
  path(volume: Volume, folder: string): string
  /** Throws ConfigError when something that it needs is missing. */
  prepare(volume: Volume, folder: string, context: VolumeContext): Promise<PreparedVolume>
}
