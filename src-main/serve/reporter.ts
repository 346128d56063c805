/** What the headless face says: live steps, notices, and in the end how to use the lab. */

export interface StepReport {
  readonly machine: string
  readonly step: string
  readonly state: 'running' | 'done' | 'failed'
  readonly seconds?: number
  readonly error?: string
}

export interface ReadyReport {
  readonly kubeconfig: string
  readonly ui: string
  /** Rows of the node table, the header first. */
  readonly nodes: readonly (readonly string[])[]
}

export interface Reporter {
  step(report: StepReport): void
  notice(text: string): void
  failed(error: string): void
  ready(report: ReadyReport): void
}

/** One JSON object a line. */
export function jsonReporter(write: (line: string) => void): Reporter {
  const say = (value: object): void => write(JSON.stringify(value))
  return {
    step: say,
    notice: (notice) => say({ notice }),
    failed: (error) => say({ error }),
    ready: ({ kubeconfig, ui }) => say({ ready: true, kubeconfig, ui }),
  }
}

const marks = { running: '◐', done: '●', failed: '✕' } as const

/** Lines for a person. A step is printed as it begins only when it takes long enough to wonder about. */
export function textReporter(write: (line: string) => void): Reporter {
  return {
    step({ machine, step, state, seconds, error }) {
      if (state === 'running') return
      const time = seconds === undefined ? '' : ` (${seconds.toFixed(1)} s)`
      write(`${marks[state]} ${machine}: ${step}${time}${error === undefined ? '' : `: ${error}`}`)
    },
    notice: (text) => write(`▲ ${text}`),
    failed: (error) => write(`✕ ${error}`),
    ready({ kubeconfig, ui, nodes }) {
      write('')
      for (const line of alignColumns(nodes)) write(line)
      write('')
      write(`kubeconfig  ${kubeconfig}`)
      write(`try         kubectl --kubeconfig ${kubeconfig} get nodes -o wide`)
      write(`interface   ${ui}`)
      write('Ctrl-C ends Orrery and leaves pods running; "npm run down" removes the lab.')
    },
  }
}

/** Pads every cell to the width of its column, three spaces apart. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)))
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('   ')
      .trimEnd(),
  )
}
