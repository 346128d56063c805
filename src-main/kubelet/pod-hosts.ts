import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import { hostNameOf } from './sandbox-config.ts'

/** The pod's `/etc/hosts`: pure. */
export function hostsFile(pod: Live<Pod>, address: string, domain: string): string {
  const name = hostNameOf(pod)
  const { subdomain, hostAliases = [] } = pod.spec ?? {}
  const full =
    subdomain === undefined || subdomain === ''
      ? ''
      : `${name}.${subdomain}.${pod.metadata.namespace ?? 'default'}.svc.${domain}\t`
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${address}\t${full}${name}`,
  ]
  if (hostAliases.length > 0) {
    lines.push('', '# Entries added by HostAliases.')
    for (const { ip, hostnames = [] } of hostAliases) lines.push([ip, ...hostnames].join('\t'))
  }
  return `${lines.join('\n')}\n`
}
