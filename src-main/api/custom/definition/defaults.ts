import type { CustomResourceDefinition } from '../../types/apiextensions-v1.ts'

/** Names that follow from others, and versions that differ in nothing but their name. */
export function defaultDefinition({ spec }: CustomResourceDefinition): void {
  if (spec === undefined) return
  spec.conversion ??= { strategy: 'None' }
  const service = spec.conversion.webhook?.clientConfig?.service
  if (service !== undefined) service.port ??= 443
  if (spec.names === undefined) return
  const { kind = '', singular = '', listKind = '' } = spec.names
  if (singular === '') spec.names.singular = kind.toLowerCase()
  if (listKind === '' && kind !== '') spec.names.listKind = `${kind}List`
}
