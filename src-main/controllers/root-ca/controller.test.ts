import { describe, expect, it } from 'vitest'
import type { ConfigMap } from '../../api/types/core-v1.ts'
import { planRootCa } from './controller.ts'

const said = { 'kubernetes.io/description': 'Mine.' }
const map = (data: Record<string, string>, annotations: Record<string, string> = said): ConfigMap => ({
  metadata: { name: 'kube-root-ca.crt', annotations },
  data,
})

describe('the certificates for the pods of a namespace', () => {
  it.each<[string, ConfigMap, boolean]>([
    ['stay as they are', map({ 'ca.crt': 'PEM' }), true],
    ['are put right', map({ 'ca.crt': 'other' }), false],
    ['are alone in their map', map({ 'ca.crt': 'PEM', more: 'x' }), false],
    ['are described', map({ 'ca.crt': 'PEM' }, { mine: 'too' }), false],
  ])('%s', (_case, existing, stays) => {
    const wanted = planRootCa(existing, 'PEM')
    expect(wanted === undefined).toBe(stays)
    if (wanted === undefined) return
    expect(wanted.data).toEqual({ 'ca.crt': 'PEM' })
    expect(wanted.metadata?.annotations).toMatchObject({
      ...(existing.metadata?.annotations?.['mine'] === undefined ? {} : { mine: 'too' }),
      'kubernetes.io/description': expect.stringMatching(/^Contains a CA bundle that can be used to verify/),
    })
  })
})
