import { describe, expect, it } from 'vitest'
import { flatForms, inFormOfV1 } from './flat-form.ts'

const apiVersion = 'resource.k8s.io/v1beta1'
const requests = (one: object) => ({ devices: { requests: [one] } })

describe('an object of the first beta version', () => {
  it.each<[string, object, object]>([
    ['resourceclaims', requests({ name: 'a', count: 2 }), requests({ name: 'a', exactly: { count: 2 } })],
    ['resourceclaims', requests({ name: 'a', firstAvailable: [] }), requests({ name: 'a', firstAvailable: [] })],
    ['resourceclaims', requests({ name: 'a' }), requests({ name: 'a' })],
    ['resourceclaims', {}, {}],
    [
      'resourceclaimtemplates',
      { spec: requests({ name: 'a', adminAccess: true }) },
      { spec: requests({ name: 'a', exactly: { adminAccess: true } }) },
    ],
    ['resourceslices', { devices: [{ name: 'a', basic: {} }] }, { devices: [{ name: 'a' }] }],
    ['resourceslices', { sharedCounters: [] }, { sharedCounters: [] }],
  ])('of %s with %j has %j in v1', (plural, flat, nested) => {
    const later = inFormOfV1(plural, { apiVersion, spec: flat })
    expect(later).toEqual({ apiVersion: 'resource.k8s.io/v1', spec: nested })
    expect(inFormOfV1(plural, later)).toBe(later)
    expect(flatForms[plural]?.fromV1(later)).toEqual({ apiVersion, spec: flat })
  })
})
