import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writePrivateFile, type KeyPairPem } from './key-files.ts'

export interface KubeconfigOptions {
  /** The lab's name: `default` gives the context `orrery`, any other one `orrery-<lab>`. */
  readonly lab: string
  /** For example `https://127.0.0.1:6443`. */
  readonly server: string
  readonly ca: string
  readonly client: KeyPairPem
}

/** The name of a lab's context, cluster and user. */
export function contextName(lab: string): string {
  return lab === 'default' ? 'orrery' : `orrery-${lab}`
}

/** A kubeconfig as YAML, with every certificate and key inside, so that the one file is enough. */
export function kubeconfigText({ lab, server, ca, client }: KubeconfigOptions): string {
  const name = JSON.stringify(contextName(lab))
  const user = JSON.stringify(`${contextName(lab)}-admin`)
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return [
    'apiVersion: v1',
    'kind: Config',
    `current-context: ${name}`,
    'preferences: {}',
    'clusters:',
    `- name: ${name}`,
    '  cluster:',
    `    server: ${JSON.stringify(server)}`,
    `    certificate-authority-data: ${base64(ca)}`,
    'contexts:',
    `- name: ${name}`,
    '  context:',
    `    cluster: ${name}`,
    `    user: ${user}`,
    'users:',
    `- name: ${user}`,
    '  user:',
    `    client-certificate-data: ${base64(client.certificate)}`,
    `    client-key-data: ${base64(client.key)}`,
    '',
  ].join('\n')
}

/** Writes it so that only its owner can read it, replacing an older one in one step. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writePrivateFile(path, kubeconfigText(options))
}
