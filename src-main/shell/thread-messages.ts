/** What the main process and the cluster's thread say to each other. */
export interface ThreadInput {
  readonly home: string
  readonly uiFolder: string
}

export type ThreadMessage =
  | { readonly type: 'ready'; readonly uiUrl: string }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'stopped' }

/** The only order that the thread takes. */
export const stopOrder = 'stop'
