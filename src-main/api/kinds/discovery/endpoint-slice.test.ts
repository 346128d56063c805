import { expect, it } from 'vitest'
import type { EndpointSlice } from '../../types/discovery-v1.ts'
import { endpointSlice } from './endpoint-slice.ts'

function aSlice(more: Partial<EndpointSlice> = {}): EndpointSlice {
  const draft: EndpointSlice = {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ port: 80 }],
    ...more,
  }
  endpointSlice.defaults?.(draft)
  return draft
}

const pathsOf = (more: Partial<EndpointSlice>): string[] =>
  (endpointSlice.validate?.(aSlice(more)) ?? []).map(({ path }) => path)

it.each<[string, Partial<EndpointSlice>, string[]]>([
  ['nothing more', {}, []],
  ['no address type', { addressType: '', endpoints: [] }, ['addressType']],
  ['an address of another family', { endpoints: [{ addresses: ['::1'] }] }, ['endpoints[0].addresses[0]']],
  ['an endpoint without addresses', { endpoints: [{ addresses: [] }] }, ['endpoints[0].addresses']],
  ['two ports of one name', { ports: [{ port: 1 }, { port: 2 }] }, ['ports[1].name']],
  ['a port out of range', { ports: [{ port: 0 }] }, ['ports[0].port']],
  [
    'too many endpoints',
    { endpoints: Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] })) },
    ['endpoints'],
  ],
])('a slice with %s has errors at %j', (_, more, paths) => expect(pathsOf(more)).toEqual(paths))

it('a slice keeps its address type', () => {
  expect(endpointSlice.validateUpdate?.(aSlice({ addressType: 'IPv6' }), aSlice())).toHaveLength(1)
})

it('a slice shows its ports and first addresses', () => {
  const cells = Object.fromEntries(
    (endpointSlice.columns ?? []).map((column) => [column.name, column.cell(aSlice(), 0)]),
  )
  expect(cells).toMatchObject({ AddressType: 'IPv4', Ports: '80', Endpoints: '10.0.0.1' })
  expect(endpointSlice.columns?.[2]?.cell(aSlice({ ports: [] }), 0)).toBe('<unset>')
})
