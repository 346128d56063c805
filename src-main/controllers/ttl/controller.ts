/** Tells kubelets for how long they may keep secrets and config maps: the longer, the more nodes ask (`ttl-controller`). */
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { ttlSeconds, ttlStep } from './plan.ts'

const annotation = 'node.alpha.kubernetes.io/ttl'

export function startTtlController(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const nodes = informers.of(nodeKind)
  let step = 0
  const wanted = (): string => {
    step = ttlStep(nodes.lister.list().length, step)
    return String(ttlSeconds(step))
  }
  let told = wanted()
  return runController({
    name: 'ttl',
    kind: nodeKind,
    sources: [
      watchOwn(nodes, ({ metadata }) => metadata.annotations?.[annotation] !== wanted()),
      // A step up or down concerns every node.
      watchMapped(nodes, () => {
        if (told === wanted()) return []
        told = wanted()
        return nodes.lister.list().map(({ metadata }) => metadata.name)
      }),
    ],
    async reconcile(name, { cause }) {
      const node = nodes.lister.byKey(name)
      if (node === undefined || node.metadata.annotations?.[annotation] === wanted()) return
      const patch = { metadata: { uid: node.metadata.uid, annotations: { [annotation]: wanted() } } }
      await client.patch(nodeKind, { name }, { type: 'merge', patch }, { cause })
    },
    clock,
    random,
    log,
    probe,
  })
}
