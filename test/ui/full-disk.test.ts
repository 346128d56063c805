/** A full disk as the interface shows it: real Chromium, the real store on a file system without room. */
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterEach, expect, it } from 'vitest'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { chromiumMissing, launchChromium } from '../support/chromium.ts'
import { startLabApp, type LabApp } from './support/lab-app.ts'

let home = ''
let mounted = false
let lab: LabApp | undefined
let browser: Browser | undefined
afterEach(async () => {
  await browser?.close()
  await lab?.stop()
  if (mounted) execFileSync('umount', [home])
  if (home !== '') rmSync(home, { recursive: true, force: true })
})

it('is told on every page for as long as it lasts', { timeout: 60_000 }, async ({ skip }) => {
  const missing = chromiumMissing() ?? (process.getuid?.() === 0 ? undefined : 'only root can mount a small disk')
  if (missing !== undefined) skip(missing)
  home = await mkdtemp(join(tmpdir(), 'orrery-ui-full-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'orrery-test', home])
  mounted = true
  lab = await startLabApp(1, 'simulated', () => Promise.resolve(home))
  const { client, uiUrl } = lab.app
  browser = await launchChromium()
  const page = await browser.newPage({ locale: 'en-US' })
  page.setDefaultTimeout(20_000)
  await page.goto(uiUrl)
  await page.getByRole('button', { name: 'Start lab' }).waitFor()
  const banner = page.getByRole('alert').filter({ hasText: 'The store refuses writes' })
  expect(await banner.count()).toBe(0)

  const filler = join(home, 'filler')
  writeFileSync(filler, Buffer.alloc(2_500_000))
  const write = (number: number) =>
    client.create(configMap, {
      metadata: { name: `c${number}`, namespace: 'default' },
      data: { text: 'x'.repeat(200_000) },
    })
  let isRefused = false
  for (let number = 0; !isRefused && number < 40; number++)
    isRefused = await write(number).then(
      () => false,
      () => true,
    )
  expect(isRefused).toBe(true)
  await banner.getByText('the disk is full: free some space').waitFor()

  rmSync(filler)
  await write(99)
  await banner.waitFor({ state: 'detached' })
})
