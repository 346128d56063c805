import { connectApi, type ApiConnection } from './api-client.ts'

export interface CreateFigures {
  readonly clients: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
}

/** Durable creates of 2 KB objects for `durationMs`, each client on a connection of its own, one request at a time. */
export async function measureCreates(kubeconfig: string, clients: number, durationMs: number): Promise<CreateFigures> {
  const connections = Array.from({ length: clients }, () => connectApi(kubeconfig))
  await Promise.all(connections.map((connection) => connection.send('GET', '/version')))
  const latencies: number[] = []
  let errors = 0
  const start = performance.now()
  const end = start + durationMs
  const work = async (connection: ApiConnection, client: number): Promise<void> => {
    for (let at = 0; performance.now() < end; at++) {
      const sent = performance.now()
      const { status } = await connection.send('POST', '/api/v1/namespaces/bench/configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `c${clients}-${client}-${at}` },
        data: { filling: 'x'.repeat(1800) },
      })
      if (status === 201) latencies.push(performance.now() - sent)
      else errors++
    }
  }
  await Promise.all(connections.map(work))
  const seconds = (performance.now() - start) / 1000
  for (const connection of connections) connection.close()
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 100) / 100
  return { clients, perSecond: Math.round(latencies.length / seconds), p50Ms: at(0.5), p99Ms: at(0.99), errors }
}
