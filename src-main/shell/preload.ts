/** Adds to the page what a browser lacks, and nothing more: a fixed list of calls to the main process. */
import { contextBridge, ipcRenderer } from 'electron'
import { ipcNames, type DesktopApi } from './ipc.ts'

const desktop: DesktopApi = {
  call: (name, input) =>
    ipcNames.includes(name)
      ? ipcRenderer.invoke(name, input)
      : Promise.reject(new Error(`no desktop call is named ${String(name)}`)),
}

contextBridge.exposeInMainWorld('orreryDesktop', desktop)
