/** Runs the built main bundle on the stand-in, looks at its window, and prints what it found as one JSON line. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, asked, BrowserWindow, ipcMain } from './stand-in.ts'

const root = join(import.meta.dirname, '../../..')
const window = new Promise<BrowserWindow>((resolve) => {
  const look = (): void => {
    const [first] = BrowserWindow.getAllWindows()
    if (first?.shown === true) resolve(first)
    else setTimeout(look, 20)
  }
  look()
})

await import(join(root, 'out/main/index.js'))
const { page, options } = await window
if (page === undefined) throw new Error('the window has no page')
await page.waitForSelector('main')
const found = {
  title: await page.title(),
  address: new URL(page.url()).origin,
  text: await page.innerText('body'),
  api: await page.evaluate(async () => (await fetch('/api/v1/namespaces/default')).status),
  notified: await page.evaluate(() =>
    (window as unknown as { orreryDesktop: { call(name: string, input: unknown): Promise<unknown> } }).orreryDesktop
      .call('desktop:notify', { title: 'Ready', body: 'The lab is ready' })
      .then(() => true),
  ),
  refused: await page.evaluate(() =>
    (window as unknown as { orreryDesktop: { call(name: string, input: unknown): Promise<unknown> } }).orreryDesktop
      .call('shell:run', 'id')
      .then(
        () => 'accepted',
        (error: Error) => error.message,
      ),
  ),
  handlers: [...ipcMain.handlers.keys()].sort(),
  asked: asked.map(({ what }) => what),
  webPreferences: options.webPreferences,
}
const shot = process.env['ORRERY_SCREENSHOT']
if (shot !== undefined) {
  mkdirSync(join(shot, '..'), { recursive: true })
  await page.screenshot({ path: shot })
}
const ended = new Promise((resolve) => app.once('quit', resolve))
app.quit()
await ended
console.log(JSON.stringify(found))
process.exit(0)
