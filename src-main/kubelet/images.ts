import type { Container } from '../api/types/core-v1.ts'
import type { Clock } from '../lib/clock.ts'
import { ConfigError } from './config-error.ts'
import { imageNameProblem } from './image-reference.ts'
import { isRuntimeError, type ContainerRuntime } from './runtime/runtime.ts'

/** Told to the user while an image is made ready. */
export type TellImage = (type: 'Normal' | 'Warning', reason: string, message: string) => void

/** Of a container, or of a volume. */
export type WantedImage = Pick<Container, 'image' | 'imagePullPolicy'>

/** Images of ours are on every worker and in no registry. */
const bundledPrefix = 'orrery.dev/'

/** Makes sure that images are on the node. */
export class Images {
  private readonly runtime: ContainerRuntime
  private readonly clock: Clock
  /** Pulls that run: containers that want the same image wait for the same pull. */
  private readonly pulling = new Map<string, Promise<void>>()

  constructor(runtime: ContainerRuntime, clock: Clock) {
    this.runtime = runtime
    this.clock = clock
  }

  /** Throws ConfigError when the image cannot be had. */
  async ensure({ image = '', imagePullPolicy }: WantedImage, signal: AbortSignal, tell: TellImage): Promise<void> {
    const problem = imageNameProblem(image)
    if (problem !== undefined) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${problem}`
      tell('Warning', 'InspectFailed', message)
      tell('Warning', 'Failed', 'Error: InvalidImageName')
      throw new ConfigError('InvalidImageName', message)
    }
    const policy = imagePullPolicy ?? defaultPolicy(image)
    if (policy !== 'Always' || image.startsWith(bundledPrefix)) {
      if ((await this.runtime.findImage(image)) !== undefined) {
        tell('Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
        return
      }
      if (policy === 'Never') {
        const message = `Container image "${image}" is not present with pull policy of Never`
        tell('Warning', 'ErrImageNeverPull', message)
        throw new ConfigError('ErrImageNeverPull', message)
      }
    }
    await this.fetch(image, signal, tell)
  }

  private async fetch(image: string, signal: AbortSignal, tell: TellImage): Promise<void> {
    const started = this.clock.monotonic()
    tell('Normal', 'Pulling', `Pulling image "${image}"`)
    try {
      await this.pull(image, signal)
    } catch (error) {
      if (signal.aborted || !isRuntimeError(error, 'ImageUnavailable')) throw error
      tell('Warning', 'Failed', `Failed to pull image "${image}": ${error.message}`)
      tell('Warning', 'Failed', 'Error: ErrImagePull')
      throw new ConfigError('ErrImagePull', error.message, error)
    }
    const seconds = ((this.clock.monotonic() - started) / 1000).toFixed(3)
    const size = (await this.runtime.findImage(image))?.sizeBytes ?? 0
    const message = `Successfully pulled image "${image}" in ${seconds}s (${seconds}s including waiting). Image size: ${size} bytes.`
    tell('Normal', 'Pulled', message)
  }

  private pull(image: string, signal: AbortSignal): Promise<void> {
    const running = this.pulling.get(image)
    if (running !== undefined) return running
    const pull = this.runtime.pull(image, signal).finally(() => this.pulling.delete(image))
    this.pulling.set(image, pull)
    return pull
  }
}

function defaultPolicy(image: string): string {
  const tag = /:([^/:@]+)$/.exec(image)?.[1]
  const latest = !image.includes('@') && (tag === undefined || tag === 'latest')
  return latest ? 'Always' : 'IfNotPresent'
}
