import type { PodSpec } from '../../api/types/core-v1.ts'
import { bestScore, type Priority } from '../framework.ts'
import { imageSizesOf, withTag } from '../image-counts.ts'

const megabyte = 1024 * 1024
/** Below this, pulling is no matter; above it (for each image), more makes no difference. */
const leastBytes = 23 * megabyte
const mostBytesPerImage = 1000 * megabyte

/** One for each container, and one for each volume that is an image. */
const imagesOf = ({ initContainers = [], containers = [], volumes = [] }: Partial<PodSpec> = {}): readonly string[] => [
  ...[...initContainers, ...containers].map(({ image = '' }) => image),
  ...volumes.flatMap(({ image }) => (image === undefined ? [] : [image.reference ?? ''])),
]

/** Nodes that already have the pod's large images, unless hardly any node has them: that would crowd those nodes. */
export const imageLocality: Priority = {
  name: 'ImageLocality',
  prepare(pod, { nodes, nodesWithImage }) {
    const images = imagesOf(pod.spec).map((image) => {
      const name = withTag(image)
      return { name, spread: nodesWithImage(name) / nodes.length }
    })
    if (images.every(({ spread }) => spread === 0)) return undefined
    const mostBytes = mostBytesPerImage * images.length
    return {
      score({ node }) {
        const sizes = imageSizesOf(node)
        const bytes = images.reduce((sum, { name, spread }) => sum + Math.floor((sizes.get(name) ?? 0) * spread), 0)
        const bounded = Math.min(Math.max(bytes, leastBytes), mostBytes)
        return Math.floor((bestScore * (bounded - leastBytes)) / (mostBytes - leastBytes))
      },
    }
  },
}
