import type { LabNetworks } from '../lab/lab-folder.ts'

/** The service addresses that are fixed: the API server's is the first of the range, DNS has the tenth. */
export function addressesOf(networks: LabNetworks): { readonly kubernetes: string; readonly dns: string } {
  return { kubernetes: hostOf(networks.services, 1), dns: hostOf(networks.services, 10) }
}

/** The last network of the sixteen bits that are the machines' own: machines have the first. */
export function loadBalancersOf({ machines }: LabNetworks): string {
  return `${machines.split('.').slice(0, 2).join('.')}.255.0/24`
}

function hostOf(cidr: string, index: number): string {
  const [address = ''] = cidr.split('/')
  const bytes = address.split('.').map(Number)
  let carry = index
  for (let at = bytes.length - 1; at >= 0; at--) {
    const sum = (bytes[at] ?? 0) + carry
    bytes[at] = sum % 256
    carry = Math.floor(sum / 256)
  }
  return bytes.join('.')
}
