import type { Secret } from '../types/core-v1.ts'

export function secretWarnings({ type, data = {} }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const lacks = (name: string): boolean => !atob(data[name] ?? '').includes('-----BEGIN ')
  if (lacks('tls.crt')) return ['tls: failed to find any PEM data in certificate input']
  return lacks('tls.key') ? ['tls: failed to find any PEM data in key input'] : []
}
