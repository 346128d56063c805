import { describe, expect, it } from 'vitest'
import type { Pod } from '../types/core-v1.ts'
import { isPodActive, isPodAvailable, isPodReady, isTerminated, podPhase, podTemplateHash, safeEncode } from './pod.ts'

const readySince = (time: string): Pod => ({
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }] },
})

describe('what a pod is', () => {
  it('is ready by its condition', () => {
    expect(isPodReady(readySince('2026-01-01T00:00:00Z'))).toBe(true)
    expect(isPodReady({ status: { phase: 'Running' } })).toBe(false)
  })

  it('is available after it has been ready for long enough', () => {
    const pod = readySince('2026-01-01T00:00:00Z')
    expect(isPodAvailable(pod, 0, 0)).toBe(true)
    expect(isPodAvailable(pod, 10, Date.parse('2026-01-01T00:00:09Z'))).toBe(false)
    expect(isPodAvailable(pod, 10, Date.parse('2026-01-01T00:00:10Z'))).toBe(true)
  })

  it('is active until it ends or is deleted', () => {
    expect(isPodActive({})).toBe(true)
    expect(isPodActive({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })).toBe(false)
    expect(isPodActive({ status: { phase: 'Failed' } })).toBe(false)
    expect(isTerminated({ status: { phase: 'Succeeded' } })).toBe(true)
  })

  it('is pending without a phase', () => expect(podPhase({})).toBe('Pending'))
})

describe('the hash of a template', () => {
  const template = { metadata: { labels: { a: 'b', c: 'd' } }, spec: { containers: [{ name: 'x', image: 'y' }] } }

  it('does not depend on the order of keys or on absent ones', () => {
    const same = { spec: template.spec, metadata: { labels: { c: 'd', a: 'b' }, annotations: undefined } }
    expect(podTemplateHash(same)).toBe(podTemplateHash(template))
  })

  it('differs for another template and for a collision', () => {
    const other = { ...template, spec: { containers: [{ name: 'x', image: 'z' }] } }
    const hashes = [podTemplateHash(template), podTemplateHash(other), podTemplateHash(template, 1)]
    expect(new Set(hashes).size).toBe(3)
  })

  it('spells no words', () => {
    expect(podTemplateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
    expect(safeEncode('0123456789')).toHaveLength(10)
  })
})
