/** Whom a webhook's configuration has called: a service of the cluster, or a URL. Custom resources are converted by the same. */
import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkRequired, problemsAt } from '../../meta/field-checks.ts'
import { portNumberProblems } from '../../meta/names.ts'
import type { ServiceReference, WebhookClientConfig } from '../../types/admissionregistration-v1.ts'

export function validateClientConfig(path: string, config: WebhookClientConfig | undefined): FieldError[] {
  const { url, service } = config ?? {}
  if ((url === undefined) === (service === undefined))
    return [required(path, 'exactly one of url or service is required')]
  if (url !== undefined) return validateUrl(`${path}.url`, url)
  return validateService(`${path}.service`, service ?? { namespace: '', name: '' })
}

const form = 'desired format: https://host[/path]'

function validateUrl(path: string, url: string): FieldError[] {
  const parsed = URL.parse(url)
  if (parsed === null) return [required(path, `url must be a valid URL: ${form}`)]
  const errors: FieldError[] = []
  if (parsed.protocol !== 'https:')
    errors.push(invalid(path, parsed.protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${form}`))
  if (parsed.host === '') errors.push(invalid(path, '', `host must be specified; ${form}`))
  if (parsed.username !== '' || parsed.password !== '')
    errors.push(invalid(path, parsed.username, 'user information is not permitted in the URL'))
  if (parsed.hash !== '') errors.push(invalid(path, parsed.hash.slice(1), 'fragments are not permitted in the URL'))
  if (parsed.search !== '')
    errors.push(invalid(path, parsed.search.slice(1), 'query parameters are not permitted in the URL'))
  return errors
}

function validateService(path: string, { name, namespace, path: urlPath, port = 443 }: ServiceReference): FieldError[] {
  return [
    ...checkRequired(`${path}.name`, name),
    ...checkRequired(`${path}.namespace`, namespace),
    ...problemsAt(`${path}.port`, port, portNumberProblems(port)),
    ...(urlPath === undefined ? [] : validatePath(`${path}.path`, urlPath)),
  ]
}

function validatePath(path: string, urlPath: string): FieldError[] {
  if (urlPath === '' || urlPath === '/') return []
  if (urlPath.startsWith('//')) return [invalid(path, urlPath, 'segment[0] may not be empty')]
  if (!urlPath.startsWith('/')) return [invalid(path, urlPath, "must start with a '/'")]
  const segments = urlPath.replace(/\/$/, '').slice(1).split('/')
  const empty = segments.findIndex((segment) => segment === '')
  if (empty >= 0) return [invalid(path, urlPath, `segment[${empty}] may not be empty`)]
  return /[?#]/.test(urlPath) ? [forbidden(path, 'may hold neither a query nor a fragment')] : []
}
