/** What a thing's state amounts to; each has a shape and a colour. */
export type State = 'running' | 'waiting' | 'warning' | 'failed' | 'unknown'

export const stateShapes: Readonly<Record<State, string>> = {
  running: '●',
  waiting: '◐',
  warning: '▲',
  failed: '✕',
  unknown: '○',
}
