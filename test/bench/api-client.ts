/** One HTTP/2 connection to the API server with the kubeconfig's certificate: no layer between it and the figures. */
import { readFileSync } from 'node:fs'
import { connect, type ClientHttp2Session } from 'node:http2'
import { parse } from 'yaml'

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[]
}

export interface ApiConnection {
  send(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>
  /** Calls back with each watch event until it returns true. */
  watchUntil(path: string, seen: (event: { type: string; object: unknown }) => boolean): Promise<void>
  close(): void
}

export function serverOf(kubeconfigFile: string): string {
  const { clusters } = parse(readFileSync(kubeconfigFile, 'utf8')) as Kubeconfig
  const server = clusters[0]?.cluster.server
  if (server === undefined) throw new Error(`${kubeconfigFile} names no cluster`)
  return server
}

export function connectApi(kubeconfigFile: string): ApiConnection {
  const { clusters, users } = parse(readFileSync(kubeconfigFile, 'utf8')) as Kubeconfig
  const cluster = clusters[0]?.cluster
  const user = users[0]?.user
  if (cluster === undefined || user === undefined) throw new Error(`${kubeconfigFile} names no cluster or user`)
  const decode = (text: string): Buffer => Buffer.from(text, 'base64')
  const session: ClientHttp2Session = connect(cluster.server, {
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  })
  const request = (method: string, path: string, body?: unknown): ReturnType<ClientHttp2Session['request']> => {
    const stream = session.request({ ':method': method, ':path': path, 'content-type': 'application/json' })
    stream.end(body === undefined ? undefined : JSON.stringify(body))
    return stream
  }
  return {
    send: (method, path, body) =>
      new Promise((resolve, reject) => {
        const stream = request(method, path, body)
        const chunks: Buffer[] = []
        let status = 0
        stream.on('response', (headers) => (status = Number(headers[':status'])))
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('error', reject)
        stream.on('end', () => resolve({ status, body: JSON.parse(Buffer.concat(chunks).toString() || 'null') }))
      }),
    watchUntil: (path, seen) =>
      new Promise((resolve, reject) => {
        const stream = request('GET', path)
        let rest = ''
        stream.on('error', reject)
        stream.on('data', (chunk: Buffer) => {
          const lines = (rest + chunk.toString()).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            if (line === '' || !seen(JSON.parse(line) as { type: string; object: unknown })) continue
            stream.close()
            resolve()
            return
          }
        })
        stream.on('end', () => reject(new Error(`the watch of ${path} ended`)))
      }),
    close: () => session.close(),
  }
}
