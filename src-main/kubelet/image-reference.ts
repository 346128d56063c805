/** Which texts can name an image: the rules of the distribution project, by which registries and runtimes go. Pure. */
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const hostPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const host = `(?:${hostPart}(?:\\.${hostPart})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?`
const path = `${component}(?:/${component})*`
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const algorithm = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*'
const reference = new RegExp(`^(?:${host}/)?${path}(?::${tag})?(?:@${algorithm}:[0-9a-fA-F]{32,})?$`)

/** Where images without a host of their own come from, and the folder of those without a folder. */
const defaultHost = 'docker.io'
const defaultFolder = 'library'

/** Why a text cannot name an image; undefined for one that can. */
export function imageNameProblem(image: string): string | undefined {
  const { registry, rest } = splitHost(image)
  const [repository = ''] = rest.split(':')
  if (repository !== repository.toLowerCase())
    return `invalid reference format: repository name (${repository}) must be lowercase`
  return reference.test(`${registry}/${rest}`) ? undefined : 'invalid reference format'
}

function splitHost(image: string): { readonly registry: string; readonly rest: string } {
  const slash = image.indexOf('/')
  const first = image.slice(0, Math.max(0, slash))
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  const registry = isHost ? first : defaultHost
  const rest = isHost ? image.slice(slash + 1) : image
  return { registry, rest: registry === defaultHost && !rest.includes('/') ? `${defaultFolder}/${rest}` : rest }
}
