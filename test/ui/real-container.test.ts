/** Log and terminal of a container that really runs, in real Chromium. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { chromiumMissing, launchChromium } from '../support/chromium.ts'
import { sandboxMissing, startLabApp, type LabApp } from './support/lab-app.ts'

const limitMs = 180_000

describe('a container that really runs', { timeout: limitMs }, () => {
  let reason = chromiumMissing()
  let lab: LabApp | undefined
  let browser: Browser | undefined

  beforeAll(async () => {
    reason ??= await sandboxMissing()
    if (reason !== undefined) return
    lab = await startLabApp(1, 'sandbox')
    browser = await launchChromium()
  }, limitMs)
  beforeEach((context) => {
    if (reason !== undefined) context.skip(reason)
  })
  afterAll(async () => {
    await browser?.close()
    await lab?.dispose()
  }, limitMs)

  it('streams its log and answers in its terminal', async () => {
    const { client, uiUrl } = lab!.app
    const page = await browser!.newPage({ locale: 'en-US', viewport: { width: 1360, height: 860 } })
    page.setDefaultTimeout(120_000)
    await page.goto(uiUrl)
    await page.getByRole('button', { name: 'Start lab' }).click()
    await page.getByText('1 of 1 workers ready').waitFor()
    const script = 'n=0; while true; do n=$((n+1)); echo line $n; sleep 1; done'
    await client.create(pod, {
      metadata: { name: 'clock', namespace: 'default' },
      spec: { containers: [{ name: 'main', image: 'orrery.dev/busybox:1', command: ['sh', '-c', script] }] },
    })
    await page.getByRole('button', { name: 'Pod default/clock' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Details' }).getByText('Running').first().waitFor()

    await page.locator('[data-action="log"]').click()
    const log = page.getByRole('log')
    await log.getByText('line 1', { exact: true }).waitFor()
    await log.getByText('line 4', { exact: true }).waitFor()

    await page.locator('[data-action="terminal"]').click()
    await page.getByText('Connected', { exact: true }).waitFor()
    await page.keyboard.type('echo in-$(hostname)\n')
    await expect.poll(() => page.locator('.xterm-rows').innerText(), { timeout: 30_000 }).toContain('in-clock')
    await page.keyboard.type('exit\n')
    await page.getByText('The shell has ended').waitFor()
  })
})
