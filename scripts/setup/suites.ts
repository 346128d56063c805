export interface Suite {
  readonly name: string
  readonly folders: readonly string[]
  /** Real machines, ports and browsers: one file at a time. */
  readonly serial?: boolean
  /** Whole clusters: a test may take minutes. */
  readonly patient?: boolean
}

/** In the order in which they run. Every test of the project is in one of them. */
export const suites: readonly Suite[] = [
  { name: 'unit', folders: ['src-main', 'src-renderer', 'test/contract'] },
  { name: 'integration', folders: ['test/conformance', 'test/integration', 'test/simulation'], patient: true },
  { name: 'e2e', folders: ['test/e2e', 'test/vm'], serial: true, patient: true },
  { name: 'ui', folders: ['test/ui'], serial: true, patient: true },
]
