import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chromiumMissing } from '../support/chromium.ts'

interface Found {
  readonly title: string
  readonly address: string
  readonly text: string
  readonly api: number
  readonly notified: boolean
  readonly refused: string
  readonly handlers: readonly string[]
  readonly asked: readonly string[]
  readonly webPreferences: Record<string, unknown>
}

/** The built main bundle under Node, `electron` being a stand-in whose window is a page in Chromium. */
function runShell(home: string): Found {
  const folder = join(import.meta.dirname, '../support/electron')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', join(folder, 'hook.ts'), join(folder, 'run.ts')],
    { env: { ...process.env, ORRERY_HOME: home }, encoding: 'utf8', timeout: 90_000 },
  )
  if (status !== 0) throw new Error(`the shell ended with ${status}\n${stdout}${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Found
}

describe('the desktop shell', () => {
  it('starts the cluster in its thread and opens a locked-down window on the interface', ({ skip }) => {
    const missing = chromiumMissing()
    if (missing !== undefined) skip(missing)
    const home = mkdtempSync(join(tmpdir(), 'orrery-shell-'))
    try {
      const found = runShell(home)
      expect(found.title).toBe('Orrery')
      expect(found.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(found.api).toBe(200)
      expect(found.text.length).toBeGreaterThan(20)
      expect(found.notified).toBe(true)
      expect(found.refused).toContain('no desktop call is named shell:run')
      expect(found.handlers).toEqual(['desktop:notify', 'file:open', 'file:save'])
      expect(found.asked).toEqual(['menu', 'notification'])
      expect(found.webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false })
      // The app ended by itself and left no claim on its data folder.
      expect(() => readFileSync(join(home, 'labs/default/run.json'))).toThrow('ENOENT')
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})
