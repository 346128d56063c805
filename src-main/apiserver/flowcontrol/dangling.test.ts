import { describe, expect, it } from 'vitest'
import { kindByName } from '../../api/kinds/index.ts'
import { findCondition } from '../../api/meta/conditions.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { FlowSchema } from '../../api/types/flowcontrol-v1.ts'
import type { Kind } from '../../api/define-kind.ts'
import { startTestServer } from '../../../test/support/api-server.ts'
import { until } from '../../../test/support/until.ts'
import { planDangling } from './dangling.ts'
import { defaultFlowSchemas, defaultPriorityLevels } from './default-objects.ts'

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1'
const kindOf = (name: string) => kindByName(apiVersion, name) as Kind<DynamicObject>
const flowSchema = kindOf('FlowSchema')
const priorityLevel = kindOf('PriorityLevelConfiguration')

const schemaFor = (level: string): DynamicObject => ({
  metadata: { name: 'mine' },
  spec: {
    priorityLevelConfiguration: { name: level },
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'jo' } }],
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
      },
    ],
  },
})
const aLevel = {
  metadata: { name: 'late' },
  spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
}

describe('a flow schema', () => {
  it('dangles while its priority level is missing', async () => {
    const { client } = await startTestServer()
    const dangling = async () => {
      const { status } = (await client.get(flowSchema, { name: 'mine' })) as unknown as FlowSchema
      const { status: is, reason, message } = findCondition(status?.conditions as never[], 'Dangling') ?? ({} as never)
      return { is, reason, message }
    }
    await client.create(flowSchema, schemaFor('late'))
    const about = 'This FlowSchema references the PriorityLevelConfiguration object named "late"'
    await until('it dangles', async () => (await dangling()).is === 'True')
    expect(await dangling()).toMatchObject({ reason: 'NotFound', message: `${about} but there is no such object` })
    await client.create(priorityLevel, aLevel)
    await until('it is bound', async () => (await dangling()).is === 'False')
    expect(await dangling()).toMatchObject({ reason: 'Found', message: `${about} and it exists` })
    await client.delete(priorityLevel, { name: 'late' })
    await until('it dangles again', async () => (await dangling()).is === 'True')
  })

  it('of a new cluster says so from the start, without another write', async () => {
    const { client } = await startTestServer()
    const { items } = await client.list(flowSchema)
    expect(items).toHaveLength(defaultFlowSchemas.length)
    for (const item of items) expect(planDangling(item as unknown as FlowSchema, true, 'later')).toBeUndefined()
  })

  it.each([...defaultFlowSchemas, ...defaultPriorityLevels].map((one) => [one.kind, one.metadata?.name, one] as const))(
    'and level of a new cluster are valid: %s %s',
    (kind, _name, object) => {
      expect(kindOf(kind ?? '').validate?.(object as DynamicObject)).toEqual([])
    },
  )
})
