import { describe, expect, it } from 'vitest'
import { aPod } from '../test-objects.ts'
import { rivalsOf, selectorOf, type PodSelector } from './select.ts'

const selecting = (text: string) => selectorOf(text) as PodSelector

describe('the pods of an autoscaler', () => {
  const pods = [aPod('a', { metadata: { labels: { app: 'web', tier: 'front' } } })]
  const known = new Map([
    ['default/web', selecting('app=web')],
    ['default/front', selecting('tier=front')],
    ['default/back', selecting('tier=back')],
    ['other/web', selecting('app=web')],
  ])
  it('are contested by others of the namespace that select one of them', () => {
    expect(rivalsOf('default/web', 'default', pods, known)).toEqual(['default/front'])
    expect(rivalsOf('default/web', 'default', [], known)).toEqual([])
  })

  it('cannot be told by a selector that is none', () => {
    const told = selectorOf('app in web')
    expect('problem' in told ? told.problem : '').toMatch(/^couldn't convert selector into a corresponding internal/)
  })
})
