import { bestScore, type Priority } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'

const megabyte = 1024 * 1024
/** Below this, pulling is no matter; above it (for each container), more makes no difference. */
const leastBytes = 23 * megabyte
const mostBytesPerContainer = 1000 * megabyte

const withTag = (image: string): string =>
  image.includes('@') || image.slice(image.lastIndexOf('/') + 1).includes(':') ? image : `${image}:latest`

/** Nodes that already have the pod's large images, unless hardly any node has them: that would crowd those nodes. */
export const imageLocality: Priority = {
  name: 'ImageLocality',
  prepare(pod, { nodes }, feasible) {
    const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
    const images = containers.map(({ image = '' }) => withTag(image))
    const holders = countHolders(new Set(images), nodes)
    if (holders.size === 0 || feasible.length === 0) return undefined
    const mostBytes = mostBytesPerContainer * containers.length
    return {
      score(info) {
        const bytes = images.reduce((sum, image) => {
          const size = sizesOf(info).get(image) ?? 0
          return sum + Math.floor((size * (holders.get(image) ?? 0)) / nodes.length)
        }, 0)
        const bounded = Math.min(Math.max(bytes, leastBytes), mostBytes)
        return Math.floor((bestScore * (bounded - leastBytes)) / (mostBytes - leastBytes))
      },
    }
  },
}

const known = new WeakMap<object, ReadonlyMap<string, number>>()

/** The sizes of a node's images by each of their names; read once for each state of the node. */
function sizesOf({ node }: NodeInfo): ReadonlyMap<string, number> {
  const cached = known.get(node)
  if (cached !== undefined) return cached
  const sizes = new Map(
    (node.status?.images ?? []).flatMap(({ names = [], sizeBytes = 0 }) =>
      names.map((name): [string, number] => [withTag(name), sizeBytes]),
    ),
  )
  known.set(node, sizes)
  return sizes
}

function countHolders(images: ReadonlySet<string>, nodes: readonly NodeInfo[]): Map<string, number> {
  const holders = new Map<string, number>()
  for (const info of nodes) {
    const sizes = sizesOf(info)
    for (const image of images) if (sizes.has(image)) holders.set(image, (holders.get(image) ?? 0) + 1)
  }
  return holders
}
