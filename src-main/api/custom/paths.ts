/** `spec.replicas`; keys of maps are written like fields. */
export const childPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)
