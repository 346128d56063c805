/** The interface as a person uses it: real Chromium, the real server, simulated workers. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumMissing, launchChromium } from '../support/chromium.ts'
import { startLabApp, type LabApp } from './support/lab-app.ts'
import { createDeployment } from './support/workload.ts'

const limitMs = 60_000

describe('the interface', { timeout: limitMs }, () => {
  const reason = chromiumMissing()
  beforeEach((context) => {
    if (reason !== undefined) context.skip(reason)
  })

  let lab: LabApp
  let browser: Browser
  let page: Page
  /** What the page complained of; a browser itself reports refused requests here. */
  const complaints: string[] = []
  let origin = ''

  beforeAll(async () => {
    if (reason !== undefined) return
    lab = await startLabApp(2)
    browser = await launchChromium()
    const context = await browser.newContext({
      viewport: { width: 1360, height: 860 },
      locale: 'en-US',
      colorScheme: 'dark',
    })
    page = await context.newPage()
    page.setDefaultTimeout(20_000)
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    origin = new URL(lab.app.uiUrl).origin
  }, limitMs)
  afterAll(async () => {
    await browser?.close()
    await lab?.dispose()
  })

  const rowOf = (name: string | RegExp) => page.getByRole('row', { name })

  it('starts the lab by one button and shows it running', async () => {
    await page.goto(lab.app.uiUrl)
    await page.getByRole('spinbutton').or(page.locator('#lab-workers')).first().fill('3')
    await page.getByRole('button', { name: 'Start lab' }).click()
    await page.getByText('3 of 3 workers ready').waitFor()
    expect(await page.getByRole('button', { name: /^Node worker-/ }).count()).toBe(3)
  })

  it('shows pods as they become Running, with no reload', async () => {
    await page.getByRole('link', { name: 'Pods', exact: true }).first().click()
    await page.getByText('No Pods').waitFor()
    await createDeployment(lab.app.client, 'web', 4)
    await expect.poll(() => rowOf(/web-.*1\/1.*Running/).count(), { timeout: 20_000 }).toBe(4)
  })

  it('keeps rows under the pointer where they are', async () => {
    const first = rowOf(/web-/).first()
    const name = await first.getAttribute('data-index')
    const text = (await first.innerText()).split('\n')[0] ?? ''
    await first.hover()
    await createDeployment(lab.app.client, 'aaa', 1)
    await rowOf(/aaa-/).waitFor()
    expect((await page.locator(`[data-index="${name}"]`).innerText()).startsWith(text)).toBe(true)
    await page.mouse.move(5, 5)
    await expect.poll(() => page.locator('[data-index="0"]').innerText()).toMatch(/^aaa-/)
  })

  it('filters in the address', async () => {
    await page.getByRole('textbox', { name: 'Filter' }).fill('aaa')
    await expect.poll(() => rowOf(/web-/).count()).toBe(0)
    expect(new URL(page.url()).searchParams.get('q')).toBe('aaa')
    await page.reload()
    await rowOf(/aaa-/).waitFor()
    expect(await rowOf(/web-/).count()).toBe(0)
    await page.goto(`${origin}/pods`)
  })

  it('goes by keyboard from a row to its details and back', async () => {
    await rowOf(/web-/).first().waitFor()
    await page.locator('[data-index="0"]').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('complementary', { name: 'Details' })
    await drawer.getByText('Containers', { exact: true }).waitFor()
    expect(page.url()).toContain('show=pods')
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-index'))).toBe('1')
  })

  it('opens a log and a terminal in the dock, where they stay', async () => {
    await rowOf(/web-/).first().click()
    await page.locator('[data-action="log"]').click()
    await page.getByRole('log').getByText('simulated').waitFor()
    await page.locator('[data-action="terminal"]').click()
    // A simulated container runs no command: the terminal says so where the shell would be.
    await page
      .getByRole('tabpanel')
      .getByRole('alert')
      .getByText(/simulated/)
      .waitFor()
    await page.getByRole('link', { name: 'Nodes' }).click()
    await rowOf(/^worker-1/).waitFor()
    expect(await page.getByRole('tab', { name: /web-/ }).count()).toBe(2)
  })

  it('finds a pod by the palette and shows its birth', async () => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type('web-')
    await page.getByRole('option', { name: /web-/ }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: 'Birth' }).click()
    await page.getByText('create binding kube-scheduler').waitFor()
    await page.getByText('start-container').first().waitFor()
  })

  it('shows what the server refuses at its line', async () => {
    await page.getByRole('tab', { name: 'YAML' }).click()
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.locator('.cm-line', { hasText: 'restartPolicy: Always' }).click()
    await page.keyboard.press('End')
    await page.keyboard.type('Sometimes')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('alert').getByText('spec.restartPolicy', { exact: true }).waitFor()
    await page.locator('.cm-error-line', { hasText: 'restartPolicy: AlwaysSometimes' }).waitFor()
    expect(complaints.splice(0).filter((text) => !text.includes('status of 422'))).toEqual([])
  })

  it('scales a deployment, and shows the kubectl line for it', async () => {
    await page.goto(`${origin}/deployments?show=deployments/default/web`)
    await page.locator('[data-action="scale"]').click()
    await page.getByRole('dialog').getByRole('textbox').fill('5')
    await page.getByText('kubectl -n default scale deployment web --replicas=5').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Scale' }).click()
    await rowOf(/web.*5\/5/).waitFor()
  })

  it('deletes a pod, after it has said what happens', async () => {
    await page.goto(`${origin}/pods`)
    await rowOf(/aaa-/).click()
    await page.locator('[data-action="delete"]').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/makes a new pod in its place/).waitFor()
    const name = /The pod (\S+)/.exec(await dialog.innerText())?.[1] ?? ''
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByText(`${name} does not exist any more`).waitFor()
    await page.mouse.move(5, 5)
    await expect.poll(() => rowOf(/aaa-.*Running/).count(), { timeout: 20_000 }).toBe(1)
  })

  it('changes language and theme at once', async () => {
    await page.goto(`${origin}/settings`)
    await page.getByRole('radio', { name: '简体中文' }).check()
    await page.getByRole('heading', { name: '设置' }).waitFor()
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const dark = await ground()
    await page.getByRole('radio', { name: '浅色' }).check()
    await expect.poll(ground).not.toBe(dark)
    await page.reload()
    await page.getByRole('heading', { name: '设置' }).waitFor()
    await page.getByRole('radio', { name: 'English' }).check()
  })

  it('has complained of nothing on the way', () => {
    expect(complaints).toEqual([])
  })

  it('says since when it is not up to date after the server is gone', async () => {
    await page.goto(`${origin}/pods`)
    await rowOf(/web-/).first().waitFor()
    await lab.stop()
    await page.getByText('Not up to date').waitFor()
    await page.getByText('Not connected').waitFor()
    expect(await rowOf(/web-/).count()).toBe(5)
  })
})
