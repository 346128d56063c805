import { describe, expect, it } from 'vitest'
import { startTestServer } from '../../../../test/support/api-server.ts'
import {
  aMutatingBinding,
  aMutatingPolicy,
  aValidatingBinding,
  aValidatingPolicy,
  mutatingBindingKind,
  mutatingPolicyKind,
  validatingBindingKind,
  validatingPolicyKind,
} from './policy-builders.ts'

const validation = { validations: [{ expression: 'true' }] }
const mutation = {
  mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
}

describe.each([
  { kind: validatingPolicyKind, object: aValidatingPolicy(validation, 'one') },
  { kind: validatingBindingKind, object: aValidatingBinding({}, 'one') },
  { kind: mutatingPolicyKind, object: aMutatingPolicy(mutation, 'one') },
  { kind: mutatingBindingKind, object: aMutatingBinding({}, 'one') },
])('$kind.plural', ({ kind, object }) => {
  const path = `/apis/${kind.apiVersion}/${kind.plural}`

  it('can be created, read, listed, watched, changed and deleted', async () => {
    const { client, send } = await startTestServer()
    const created = await client.create(kind, object)
    expect(created.metadata.generation).toBe(1)
    expect(await client.get(kind, { name: 'one' })).toMatchObject({ metadata: { uid: created.metadata.uid } })
    const list = await send('GET', path)
    expect(list).toMatchObject({ type: 'list', items: [{ object: { metadata: { name: 'one' } } }] })
    const labels = { type: 'merge', patch: { metadata: { labels: { patched: 'yes' } } } } as const
    const patched = await client.patch(kind, { name: 'one' }, labels)
    expect(patched.metadata).toMatchObject({ labels: { patched: 'yes' }, generation: 1 })
    const watch = await send('GET', `${path}?watch=true&resourceVersion=${created.metadata.resourceVersion}`)
    if (watch.type !== 'watch') throw new Error(`${watch.type} is no watch`)
    for await (const { type, stored } of watch.events) {
      expect(type).toBe('MODIFIED')
      expect(stored.object.metadata?.name).toBe('one')
      break
    }
    await client.delete(kind, { name: 'one' })
    await client.create(kind, object)
    await send('DELETE', `${path}?labelSelector=!patched`)
    expect(await send('GET', path)).toMatchObject({ type: 'list', items: [] })
  })
})
