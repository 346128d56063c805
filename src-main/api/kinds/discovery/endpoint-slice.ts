import { defineKind } from '../../define-kind.ts'
import type { EndpointSlice } from '../../types/discovery-v1.ts'

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
})
