import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Whether a window can be shown here at all. */
export function hasDisplay(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform !== 'linux') return true
  return (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== ''
}

/** The Electron binary, when it is installed; its npm package fetches it apart from itself, which may have failed. */
export function electronBinary(root: string): string | undefined {
  const override = process.env['ELECTRON_EXEC_PATH']
  if (override !== undefined && existsSync(override)) return override
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : undefined
}
