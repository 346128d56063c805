import { deployment } from '../../../src-main/api/kinds/apps/deployment.ts'
import type { Client } from '../../../src-main/client/client.ts'

/** A deployment of the web image in the default namespace. */
export async function createDeployment(client: Client, name: string, replicas: number): Promise<void> {
  const labels = { app: name }
  await client.create(deployment, {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'orrery.dev/web:1' }] } },
    },
  })
}
