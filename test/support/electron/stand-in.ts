/**
 * A stand-in for the `electron` module: the built main bundle runs under plain Node, and a window is a page in
 * Chromium. It shows that the parts are wired; real isolation, menus and dialogs it cannot show.
 */
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../chromium.ts'

let browser: Browser | undefined
let context: BrowserContext | undefined

class App extends EventEmitter {
  requestSingleInstanceLock(): boolean {
    return true
  }

  async whenReady(): Promise<void> {
    browser ??= await launchChromium()
    context ??= await browser.newContext({ viewport: { width: 1360, height: 860 } })
  }

  /** As Electron does: asks first; when nobody objects, quits. */
  quit(): void {
    let prevented = false
    this.emit('before-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) void browser?.close().then(() => this.emit('quit'))
  }

  exit(code: number): void {
    process.exitCode = code
    this.quit()
  }
}
export const app = new App()

type Handler = (event: unknown, input: unknown) => unknown
class IpcMain {
  readonly handlers = new Map<string, Handler>()

  handle(name: string, handler: Handler): void {
    if (this.handlers.has(name)) throw new Error(`a second handler for ${name}`)
    this.handlers.set(name, handler)
  }
}
export const ipcMain = new IpcMain()

/** Gives the preload bundle, inside the page, the part of `electron` that a sandboxed preload may require. */
const preloadFrame = (preload: string): string => `(() => {
  const ipcRenderer = { invoke: async (name, input) => {
    const answer = await window.__standInInvoke(name, input)
    if (answer.error) throw new Error(answer.error)
    return answer.value
  } }
  const contextBridge = { exposeInMainWorld: (key, api) =>
    Object.defineProperty(window, key, { value: Object.freeze(api), configurable: true }) }
  const module = { exports: {} };
  (function (require, module, exports) { ${preload}
  })((name) => { if (name === 'electron') return { contextBridge, ipcRenderer }; throw new Error('preload requires ' + name) }, module, module.exports)
})()`

class WebContents extends EventEmitter {
  readonly window: BrowserWindow

  constructor(window: BrowserWindow) {
    super()
    this.window = window
  }

  setWindowOpenHandler(): void {
    // Chromium's own pop-up rules hold in the page.
  }
}

interface WindowOptions {
  readonly webPreferences?: { readonly preload?: string }
}

export class BrowserWindow extends EventEmitter {
  static readonly all = new Set<BrowserWindow>()
  readonly webContents = new WebContents(this)
  readonly options: WindowOptions
  page: Page | undefined
  shown = false

  constructor(options: WindowOptions) {
    super()
    this.options = options
    BrowserWindow.all.add(this)
  }

  static getAllWindows(): BrowserWindow[] {
    return [...this.all]
  }

  static fromWebContents(contents: WebContents): BrowserWindow {
    return contents.window
  }

  async loadURL(url: string): Promise<void> {
    if (context === undefined) throw new Error('a window before whenReady')
    const page = await context.newPage()
    this.page = page
    await page.exposeFunction('__standInInvoke', async (name: string, input: unknown) => {
      const handler = ipcMain.handlers.get(name)
      if (handler === undefined) return { error: `no handler for ${name}` }
      try {
        return { value: await handler({ sender: this.webContents, senderFrame: { url: page.url() } }, input) }
      } catch (error) {
        return { error: String(error) }
      }
    })
    const preload = this.options.webPreferences?.preload
    if (preload !== undefined) await page.addInitScript({ content: preloadFrame(readFileSync(preload, 'utf8')) })
    page.on('close', () => {
      BrowserWindow.all.delete(this)
      if (BrowserWindow.all.size === 0) app.emit('window-all-closed')
    })
    await page.goto(url)
    this.emit('ready-to-show')
  }

  show(): void {
    this.shown = true
  }

  focus(): void {
    this.emit('focus')
  }
}

/** What the code asked the desktop for, for tests to look at. */
export const asked: { what: string; detail: unknown }[] = []

export const shell = { openExternal: (url: string) => Promise.resolve(void asked.push({ what: 'open', detail: url })) }
export const dialog = {
  showErrorBox: (title: string, text: string) => void asked.push({ what: 'error', detail: `${title}: ${text}` }),
  showSaveDialog: () => Promise.resolve({ canceled: true, filePath: '' }),
  showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }),
}
export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (menu: unknown) => void asked.push({ what: 'menu', detail: menu }),
}
export class Notification {
  readonly options: unknown

  constructor(options: unknown) {
    this.options = options
  }

  show(): void {
    asked.push({ what: 'notification', detail: this.options })
  }
}
