/** Progress of the set-up, before the app runs: a line a step for people, an object a line for tools. */
export interface Progress {
  step<T>(name: string, run: () => Promise<T>): Promise<T>
  notice(text: string): void
}

export function createProgress(json: boolean): Progress {
  const write = (line: string): void => void (json ? process.stdout : process.stderr).write(`${line}\n`)
  return {
    async step(name, run) {
      const start = performance.now()
      if (json) write(JSON.stringify({ step: name, state: 'running' }))
      try {
        const result = await run()
        const seconds = (performance.now() - start) / 1000
        write(json ? JSON.stringify({ step: name, state: 'done', seconds }) : `● ${name} (${seconds.toFixed(1)} s)`)
        return result
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        write(json ? JSON.stringify({ step: name, state: 'failed', error: message }) : `✕ ${name}: ${message}`)
        throw error
      }
    },
    notice: (text) => write(json ? JSON.stringify({ notice: text }) : `▲ ${text}`),
  }
}
