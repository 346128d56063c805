import { join } from 'node:path'
import { BrowserWindow, shell } from 'electron'

/** Opens the one window on the UI's address; links to elsewhere open in the user's browser. */
export function openWindow(url: string): BrowserWindow {
  const { origin } = new URL(url)
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    minWidth: 900,
    minHeight: 560,
    show: false,
    backgroundColor: '#0f1318',
    title: 'Orrery',
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
    },
  })
  const isOutside = (target: string): boolean => new URL(target).origin !== origin
  const openOutside = (target: string): void => {
    if (/^https?:$/.test(new URL(target).protocol)) void shell.openExternal(target)
  }
  window.webContents.setWindowOpenHandler(({ url: target }) => {
    if (isOutside(target)) openOutside(target)
    return { action: 'deny' }
  })
  window.webContents.on('will-navigate', (event, target) => {
    if (!isOutside(target)) return
    event.preventDefault()
    openOutside(target)
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(url)
  return window
}
