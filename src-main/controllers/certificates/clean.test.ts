import { describe, expect, it } from 'vitest'
import type { CertificateSigningRequestCondition } from '../../api/types/certificates-v1.ts'
import { ago, nowMs } from '../test-objects.ts'
import { endOfRequest } from './clean.ts'

const hours = (count: number) => nowMs + count * 3_600_000
const condition = (type: string, seconds?: number): CertificateSigningRequestCondition => ({
  ...{ type, status: 'True' },
  ...(seconds === undefined ? {} : { lastUpdateTime: ago(seconds) }),
})
const end = (conditions: CertificateSigningRequestCondition[], certificate = '') =>
  endOfRequest({
    metadata: { name: 'r', uid: 'u', resourceVersion: '1', creationTimestamp: ago(3600) },
    spec: { request: '', signerName: 's', usages: [] },
    status: { conditions, ...(certificate === '' ? {} : { certificate }) },
  })

describe('a certificate request goes', () => {
  it.each([
    ['a day after it was made, when nobody answers', end([]), hours(23)],
    ['an hour after it was denied', end([condition('Denied', 0)]), hours(1)],
    ['an hour after it failed', end([condition('Approved', 60), condition('Failed', 0)]), hours(1)],
    ['an hour after it was approved, with a certificate', end([condition('Approved', 0)], btoa('cert')), hours(1)],
    ['a day after it was approved, without one', end([condition('Approved', 0)]), hours(24)],
    ['never, when nobody knows how old its answer is', end([condition('Denied')]), Infinity],
    ['never, with an answer that is none', end([condition('Seen', 0)]), Infinity],
  ])('%s', (_when, actual, expected) => {
    expect(actual).toBe(expected)
  })
})
