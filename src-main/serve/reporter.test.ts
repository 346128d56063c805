import { describe, expect, it } from 'vitest'
import { alignColumns, jsonReporter, textReporter } from './reporter.ts'

describe('the headless face', () => {
  it('says in JSON exactly what scripts wait for when the lab is ready', () => {
    const lines: string[] = []
    jsonReporter((line) => lines.push(line)).ready({ kubeconfig: '/k', ui: 'http://127.0.0.1:1/?token=t', nodes: [] })
    expect(lines).toEqual(['{"ready":true,"kubeconfig":"/k","ui":"http://127.0.0.1:1/?token=t"}'])
  })

  it('shows a failed step with its time and its cause', () => {
    const lines: string[] = []
    const reporter = textReporter((line) => lines.push(line))
    reporter.step({ machine: 'worker-1', step: 'Start Docker', state: 'running' })
    reporter.step({ machine: 'worker-1', step: 'Start Docker', state: 'failed', seconds: 1.25, error: 'no space left' })
    expect(lines).toEqual(['✕ worker-1: Start Docker (1.3 s): no space left'])
  })

  it('aligns the columns of a table', () => {
    expect(
      alignColumns([
        ['NAME', 'STATUS'],
        ['worker-1', 'Ready'],
      ]),
    ).toEqual(['NAME       STATUS', 'worker-1   Ready'])
  })
})
