import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { layerViolations } from '../../scripts/setup/layer-violations.ts'

describe('the dependency rules', () => {
  it('catch an import upwards, one of node: in a pure layer, and one between components', async () => {
    const found = await layerViolations(join(import.meta.dirname, '../fixtures/layers'), ['src-main'])
    expect(found.map(({ rule, from }) => `${rule} ${from}`).sort()).toEqual([
      'lib-imports-nothing src-main/lib/reaches-up.ts',
      'lib-imports-nothing src-main/lib/reads-files.ts',
      'no-sibling-in-layer-3 src-main/scheduler/calls-a-sibling.ts',
    ])
  })
})
