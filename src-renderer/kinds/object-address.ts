/** Names one object in an address: `pods/default/web`, `nodes/worker-1`. */
export interface ObjectAddress {
  readonly plural: string
  readonly namespace?: string
  readonly name: string
}

export function formatAddress({ plural, namespace, name }: ObjectAddress): string {
  return namespace === undefined ? `${plural}/${name}` : `${plural}/${namespace}/${name}`
}

/** Undefined when the text names no object. */
export function parseAddress(text: string): ObjectAddress | undefined {
  const parts = text.split('/')
  const [plural = '', second = '', third = ''] = parts
  if (plural === '' || second === '' || parts.length > 3) return undefined
  if (parts.length === 2) return { plural, name: second }
  return third === '' ? undefined : { plural, namespace: second, name: third }
}
