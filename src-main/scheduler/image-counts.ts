import type { Node } from '../api/types/core-v1.ts'

/** An image without a tag or digest means its latest. */
export const withTag = (image: string): string =>
  image.includes('@') || image.slice(image.lastIndexOf('/') + 1).includes(':') ? image : `${image}:latest`

const known = new WeakMap<object, ReadonlyMap<string, number>>()

/** The sizes in bytes of a node's images by each of their names; read once for each list of images. */
export function imageSizesOf({ status }: Node): ReadonlyMap<string, number> {
  const images = status?.images
  if (images === undefined) return new Map()
  const cached = known.get(images)
  if (cached !== undefined) return cached
  const sizes = new Map(
    images.flatMap(({ names = [], sizeBytes = 0 }) =>
      names.map((name): [string, number] => [withTag(name), sizeBytes]),
    ),
  )
  known.set(images, sizes)
  return sizes
}

/** How many nodes have each image. */
export class ImageCounts {
  private readonly counts = new Map<string, number>()

  of(image: string): number {
    return this.counts.get(image) ?? 0
  }

  /** `undefined` stands for a node that was not there, or is there no more. */
  change(previous: Node | undefined, node: Node | undefined): void {
    if (previous !== undefined) for (const image of imageSizesOf(previous).keys()) this.add(image, -1)
    if (node !== undefined) for (const image of imageSizesOf(node).keys()) this.add(image, 1)
  }

  private add(image: string, by: 1 | -1): void {
    const count = this.of(image) + by
    if (count === 0) this.counts.delete(image)
    else this.counts.set(image, count)
  }
}
