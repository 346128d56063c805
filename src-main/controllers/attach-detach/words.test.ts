import { describe, expect, it } from 'vitest'
import { aPod } from '../test-objects.ts'
import { attachFailedWords, multiAttachWords } from './words.ts'

const near = (name: string) => aPod(name)
const far = (name: string) => aPod(name, { metadata: { namespace: 'other' } })
const start = 'Multi-Attach error for volume "data" Volume is already'

describe('a pod whose volume is elsewhere', () => {
  it.each([
    ['by nobody that is known', [], `${start} exclusively attached to one node and can't be attached to another`],
    ['by pods of its namespace', [near('a'), near('b')], `${start} used by pod(s) a, b`],
    ['by others', [far('a'), far('b')], `${start} used by 2 pod(s) in different namespaces`],
    ['by both', [near('a'), far('b')], `${start} used by pod(s) a and 1 pod(s) in different namespaces`],
  ])('is told that it is used %s', (_by, users, words) => {
    expect(multiAttachWords('data', near('web'), users)).toBe(words)
  })

  it('is told what the driver says', () => {
    expect(attachFailedWords('data', 'no room')).toBe('AttachVolume.Attach failed for volume "data" : no room')
  })
})
