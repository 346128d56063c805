/** The rooms of the interface and the controls of the glass: real Chromium, the real server, simulated workers. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { namespace } from '../../src-main/api/kinds/core/namespace.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { chromiumMissing, launchChromium } from '../support/chromium.ts'
import { startLabApp, type LabApp } from './support/lab-app.ts'
import { createDeployment } from './support/workload.ts'

const limitMs = 60_000

describe('the rooms', { timeout: limitMs }, () => {
  const reason = chromiumMissing()
  beforeEach((context) => {
    if (reason !== undefined) context.skip(reason)
  })

  let lab: LabApp
  let browser: Browser
  let page: Page
  let origin = ''
  const complaints: string[] = []

  beforeAll(async () => {
    if (reason !== undefined) return
    lab = await startLabApp(2)
    browser = await launchChromium()
    const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-US' })
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
  const link = (name: string) => page.getByRole('link', { name, exact: true })
  const drawer = () => page.getByRole('complementary', { name: 'Details' })

  it('say what they lack while the lab is off, and lead to it', async () => {
    await page.goto(lab.app.uiUrl)
    await link('Machines').click()
    await rowOf(/worker-1.*(Off|Stopped).*simulated/).waitFor()
    await link('Network').click()
    await page.getByRole('tab', { name: 'Pod networks' }).click()
    await page.getByText('No Nodes').waitFor()
    expect(new URL(page.url()).searchParams.get('tab')).toBe('nodes')
    await page.getByRole('link', { name: 'Go to the lab' }).click()
    await page.getByRole('button', { name: 'Start lab' }).waitFor()
  })

  it('start the lab from its switcher, which names the one lab that there is', async () => {
    await page.getByRole('button', { name: 'Lab: which, and how it is' }).click()
    await page.getByText('Orrery runs one lab at a time').waitFor()
    await page
      .getByRole('group', { name: 'Lab: which, and how it is' })
      .getByRole('button', { name: 'Start lab', exact: true })
      .click()
    await page.getByText('2 of 2 workers ready').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Orrery runs one lab at a time').waitFor({ state: 'hidden' })
  })

  it('show every machine with its steps and its node', async () => {
    await link('Machines').click()
    await rowOf(/worker-1.*Ready.*simulated/).click()
    await drawer().getByText('Start the kubelet').waitFor()
    await drawer().getByText('machineID').waitFor()
    await page.keyboard.press('Escape')
  })

  it('add a worker, and remove one only when its name was typed', async () => {
    await page.locator('[data-action="add-worker"]').click()
    await rowOf(/worker-3.*Ready.*Ready/).waitFor()
    await page.locator('[data-action="remove-worker"]').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/The worker worker-3, its disk and its node are gone for good/).waitFor()
    await dialog.getByText(/kubectl patch lab default/).waitFor()
    const remove = dialog.getByRole('button', { name: 'Remove the last worker' })
    expect(await remove.isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('worker-3')
    await remove.click()
    await page.mouse.move(5, 5)
    await rowOf(/worker-3/).waitFor({ state: 'detached' })
  })

  it('show the way from a service over its pods to their machines', async () => {
    const { client } = lab.app
    await createDeployment(client, 'web', 3)
    await client.create(service, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] },
    })
    await link('Network').click()
    const paths = page.getByRole('group', { name: 'Paths' })
    await expect.poll(() => paths.getByRole('button', { name: /^web-/ }).count()).toBe(3)
    await paths.getByRole('button', { name: /^web, / }).focus()
    await page.keyboard.press('Enter')
    await drawer().getByText('web.default.svc.cluster.local').waitFor()
    const pods = drawer().getByRole('link', { name: /^web-.+-/ })
    await expect.poll(() => pods.count()).toBe(3)
    await page.getByRole('tab', { name: 'Services' }).click()
    await rowOf(/web.*NodePort.*3\/3/).waitFor()
    await page.getByRole('tab', { name: 'Pod networks' }).click()
    await rowOf(/worker-1.*10\.244\.\d+\.0\/24.*iptables/).waitFor()
  })

  it('list every kind that discovery tells of, live and in its own columns', async () => {
    await link('Explore').click()
    await page.getByRole('textbox', { name: 'Kind, short name or group' }).fill('cm')
    await page.getByRole('link', { name: /ConfigMap/ }).click()
    await rowOf(/kube-root-ca\.crt.*default/).waitFor()
    const { client } = lab.app
    await client.create(configMap, { metadata: { name: 'notes', namespace: 'default' }, data: { a: '1', b: '2' } })
    await rowOf(/notes.*default.*2/).click()
    await drawer().getByRole('tab', { name: 'YAML' }).click()
    await drawer().getByText('kind: ConfigMap').waitFor()
    await page.locator('[data-action="delete"]').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('kubectl -n default delete configmap notes').waitFor()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('notes does not exist any more').waitFor()
  })

  it('ask for the name before a whole namespace goes', async () => {
    await lab.app.client.create(namespace, { metadata: { name: 'shop' } })
    await page.goto(`${origin}/explore/namespaces.v1?show=namespaces.v1/shop`)
    await page.locator('[data-action="delete"]').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('deleted with every object in it').waitFor()
    expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('shop')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('shop does not exist any more').waitFor()
  })

  it('hold the control loops, let one step through, and run again', async () => {
    const clock = (name: string) => page.locator(`[data-clock="${name}"]`)
    await page.goto(`${origin}/glass`)
    await page.getByText('Nothing is held').waitFor()
    await clock('hold').click()
    await page.getByText('No control loop has anything to do').waitFor()
    await createDeployment(lab.app.client, 'slow', 1)
    await rowOf(/Reconcile.*Deployment.*default\/slow/).waitFor()
    await page.getByRole('status').filter({ hasText: '1 held' }).waitFor()
    await clock('step').click()
    await rowOf(/Reconcile.*replicaset.*default\/slow-/).waitFor()
    await rowOf(/replicaset/)
      .locator('[data-action="step"]')
      .click()
    await rowOf(/Choose a node.*Pod.*default\/slow-/).waitFor()
    await clock('run').click()
    await page.getByText('Nothing is held').waitFor()
    await page.goto(`${origin}/pods`)
    await rowOf(/slow-.*1\/1.*Running/).waitFor()
  })

  it('set a breakpoint that holds a write, and take it away', async () => {
    await page.goto(`${origin}/glass`)
    await page.getByRole('textbox', { name: 'Kind', exact: true }).fill('ConfigMap')
    await page.getByRole('button', { name: 'Set breakpoint' }).click()
    const removing = page.getByRole('button', { name: 'Remove the breakpoint at apiserver.commit' })
    await removing.waitFor()
    const written = lab.app.client.create(configMap, { metadata: { name: 'late', namespace: 'default' } })
    await rowOf(/Write to the store.*ConfigMap.*default\/late/).waitFor()
    await removing.click()
    expect((await written).metadata.name).toBe('late')
    await page.getByText('None. A breakpoint holds one kind of step').waitFor()
  })

  it('speak Chinese down to the steps of a machine', async () => {
    await page.goto(`${origin}/settings`)
    await page.getByRole('radio', { name: '简体中文' }).check()
    await page.goto(`${origin}/machines?show=machines/worker-1`)
    const steps = page.getByRole('complementary', { name: '详情' })
    await steps.getByText('启动 kubelet').waitFor()
    await steps.getByText('检查主机').waitFor()
    await page.goto(`${origin}/settings`)
    await page.getByRole('radio', { name: 'English' }).check()
  })

  it('have complained of nothing on the way', () => {
    expect(complaints).toEqual([])
  })
})
