export type ConfigErrorReason =
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'RunContainerError'
  | 'ErrImagePull'
  | 'ErrImageNeverPull'
  | 'InvalidImageName'
  | 'FailedMount'
  | 'PostStartHookError'

/** Why a container cannot be made from its pod as things are; the reason is what the container waits with. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: ConfigErrorReason

  constructor(code: ConfigErrorReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

const pullReasons: ReadonlySet<string> = new Set<ConfigErrorReason>([
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
])

export const isPullReason = (reason: string): boolean => pullReasons.has(reason)

/** An image is not to be had: whoever looked for it has told so. */
export const isPullError = (error: unknown): boolean => error instanceof ConfigError && isPullReason(error.code)
