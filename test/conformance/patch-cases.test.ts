import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { schemaOf } from '../../src-main/api/schema/schema.ts'
import { applyJsonPatch, JsonPatchError } from '../../src-main/apiserver/patch/json.ts'
import { StrategicPatchError } from '../../src-main/apiserver/patch/strategic-patch-error.ts'
import { applyStrategicPatch } from '../../src-main/apiserver/patch/strategic.ts'

/** Random patches of random pods, and what kubectl 1.33 made of them: `kubectl patch --local` has the server's own code. */
interface PatchCase {
  readonly type: 'strategic' | 'json'
  readonly target: Record<string, unknown>
  readonly patch: unknown
  readonly result?: object
  readonly refused?: true
}

const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/recorded/patches.json'), 'utf8'),
) as readonly PatchCase[]

const schema = schemaOf({ group: '', version: 'v1', kind: 'Pod' })!

/** What a pod keeps of it: no nulls, nothing empty. */
function said(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(said)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, part]): [string, unknown] => [name, said(part)])
  return Object.fromEntries(entries.filter(([, part]) => !isEmpty(part)))
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function patched({ type, target, patch }: PatchCase): unknown {
  try {
    const result =
      type === 'json'
        ? applyJsonPatch(structuredClone(target), patch)
        : applyStrategicPatch(target, patch as Record<string, unknown>, schema)
    return { result: said(result) }
  } catch (error) {
    if (error instanceof JsonPatchError || error instanceof StrategicPatchError) return { refused: true }
    throw error
  }
}

describe('a patch', () => {
  it.each(['strategic', 'json'] as const)('of type %s does what it does in Kubernetes', (type) => {
    const ofType = cases.filter((one) => one.type === type)
    expect(ofType.length).toBeGreaterThan(100)
    for (const one of ofType) {
      const { target, patch } = one
      expect({ target, patch, ...(patched(one) as object) }).toEqual({
        ...{ target, patch },
        ...(one.refused === true ? { refused: true } : { result: one.result }),
      })
    }
  })
})
