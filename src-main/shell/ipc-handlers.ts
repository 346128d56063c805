import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { BrowserWindow, dialog, ipcMain, Notification, type IpcMainInvokeEvent } from 'electron'
import type { IpcCalls, IpcName } from './ipc.ts'

type Handler<N extends IpcName> = (
  input: IpcCalls[N]['input'],
  event: IpcMainInvokeEvent,
) => Promise<IpcCalls[N]['output']>

const handlers: { readonly [N in IpcName]: Handler<N> } = {
  async 'file:save'({ suggestedName, text }, event) {
    const window = BrowserWindow.fromWebContents(event.sender)
    const options = { defaultPath: basename(suggestedName) }
    const chosen = window === null ? await dialog.showSaveDialog(options) : await dialog.showSaveDialog(window, options)
    if (chosen.canceled || chosen.filePath === '') return false
    await writeFile(chosen.filePath, text)
    return true
  },
  async 'file:open'() {
    const chosen = await dialog.showOpenDialog({ properties: ['openFile'] })
    const path = chosen.filePaths[0]
    return path === undefined ? undefined : { name: basename(path), text: await readFile(path, 'utf8') }
  },
  'desktop:notify'({ title, body }) {
    new Notification({ title, body }).show()
    return Promise.resolve(undefined)
  },
}

/** Registers every handler; calls are accepted from the app's own page only. */
export function registerIpc(uiOrigin: string): void {
  const register = <N extends IpcName>(name: N): void => {
    const handler: Handler<N> = handlers[name]
    ipcMain.handle(name, (event, input: IpcCalls[N]['input']) => {
      const sender = event.senderFrame?.url ?? ''
      if (!sender.startsWith(`${uiOrigin}/`)) throw new Error(`${name} was called from another page`)
      return handler(input, event)
    })
  }
  register('file:save')
  register('file:open')
  register('desktop:notify')
}
