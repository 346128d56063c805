import type { Service } from '../api/types/core-v1.ts'

/**
 * The variables that tell a container where services are: those of its namespace when it wants them, and always those
 * of the API server.
 */
export function serviceVariables(services: readonly Service[], namespace: string, links: boolean): Map<string, string> {
  const variables = new Map<string, string>()
  for (const service of services) {
    const { name = '', namespace: home } = service.metadata ?? {}
    const isApi = home === 'default' && name === 'kubernetes'
    if (!isApi && (!links || home !== namespace)) continue
    if (hasAddress(service)) addVariables(variables, name, service)
  }
  return variables
}

function hasAddress({ spec }: Service): boolean {
  return spec?.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None'
}

function addVariables(variables: Map<string, string>, name: string, { spec }: Service): void {
  const prefix = name.toUpperCase().replaceAll('-', '_')
  const address = spec?.clusterIP ?? ''
  const [first, ...others] = spec?.ports ?? []
  if (first === undefined) return
  variables.set(`${prefix}_SERVICE_HOST`, address)
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port))
  for (const { name: port, port: number } of [first, ...others]) {
    if (port !== undefined && port !== '')
      variables.set(`${prefix}_SERVICE_PORT_${port.toUpperCase().replaceAll('-', '_')}`, String(number))
  }
  const url = (protocol: string, port: number): string => `${protocol.toLowerCase()}://${address}:${port}`
  variables.set(`${prefix}_PORT`, url(first.protocol ?? 'TCP', first.port))
  for (const { protocol = 'TCP', port } of [first, ...others]) {
    const one = `${prefix}_PORT_${port}_${protocol}`
    variables.set(one, url(protocol, port))
    variables.set(`${one}_PROTO`, protocol.toLowerCase())
    variables.set(`${one}_PORT`, String(port))
    variables.set(`${one}_ADDR`, address)
  }
}
