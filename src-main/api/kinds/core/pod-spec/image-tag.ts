/** The tag of an image reference: `latest` when it names none, empty when a digest alone says which image. */
export function imageTag(image: string): string {
  const [reference = '', digest] = image.split('@', 2)
  const lastPart = reference.slice(reference.lastIndexOf('/') + 1)
  const colon = lastPart.indexOf(':')
  if (colon >= 0) return lastPart.slice(colon + 1)
  return digest === undefined ? 'latest' : ''
}

/** `latest` moves, so it is pulled each time; every other tag is taken from the node when it is there. */
export const defaultPullPolicy = (image: string): string => (imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent')
