/** Every message between the window and the main process: name → what goes in and what comes back. */
export interface IpcCalls {
  /** Asks where to save a text and writes it there; false when the user cancels. */
  'file:save': { readonly input: { readonly suggestedName: string; readonly text: string }; readonly output: boolean }
  /** Asks for a text file; undefined when the user cancels. */
  'file:open': { readonly input: undefined; readonly output: { name: string; text: string } | undefined }
  /** Shows a notification of the desktop. */
  'desktop:notify': { readonly input: { readonly title: string; readonly body: string }; readonly output: undefined }
}

export type IpcName = keyof IpcCalls

/** The names, for the preload: it lets nothing else through. */
export const ipcNames: readonly IpcName[] = ['file:save', 'file:open', 'desktop:notify']

/** What the preload puts on `window.orreryDesktop`. */
export interface DesktopApi {
  call<N extends IpcName>(name: N, input: IpcCalls[N]['input']): Promise<IpcCalls[N]['output']>
}
