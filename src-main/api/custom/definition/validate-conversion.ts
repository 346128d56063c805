/** How objects of one version become those of another. The paths are those of the form in which Kubernetes checks it. */
import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import { dns1035LabelProblems, portNumberProblems } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import type { CustomResourceConversion, ServiceReference } from '../../types/apiextensions-v1.ts'

const root = 'spec.conversion'
const clientPath = `${root}.webhookClientConfig`
const reviewsPath = `${root}.conversionReviewVersions`
const onlyForWebhooks = 'should not be set when strategy is not set to Webhook'

export function validateConversion(conversion: CustomResourceConversion | undefined): FieldError[] {
  if (conversion === undefined) return []
  const { strategy, webhook } = conversion
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {}
  const errors = checkOneOf(`${root}.strategy`, strategy, ['None', 'Webhook'])
  if (strategy !== 'Webhook')
    return [
      ...errors,
      ...(clientConfig === undefined ? [] : [forbidden(clientPath, onlyForWebhooks)]),
      ...(conversionReviewVersions.length === 0 ? [] : [forbidden(reviewsPath, onlyForWebhooks)]),
    ]
  return [
    ...(clientConfig === undefined
      ? [required(clientPath, 'required when strategy is set to Webhook')]
      : validateClient(clientConfig)),
    ...validateReviews(conversionReviewVersions),
  ]
}

function validateClient({ url, service }: { url?: string; service?: ServiceReference }): FieldError[] {
  if ((url === undefined) === (service === undefined))
    return [required(clientPath, 'exactly one of url or service is required')]
  if (url !== undefined) return validateUrl(`${clientPath}.url`, url)
  return service === undefined ? [] : validateService(`${clientPath}.service`, service)
}

function validateReviews(versions: readonly string[]): FieldError[] {
  if (versions.length === 0) return [required(reviewsPath)]
  const isRepeat = repeats()
  return [
    ...versions.flatMap((version, index) => {
      const at = `${reviewsPath}[${index}]`
      return isRepeat(version)
        ? [invalid(at, version, 'duplicate version')]
        : problemsAt(at, version, dns1035LabelProblems(version))
    }),
    ...(versions.includes('v1') || versions.includes('v1beta1')
      ? []
      : [invalid(reviewsPath, versions, 'must include at least one of v1, v1beta1')]),
  ]
}

const form = 'desired format: https://host[/path]'

function validateUrl(path: string, text: string): FieldError[] {
  const url = URL.parse(text)
  if (url === null) return [required(path, `url must be a valid URL: ${form}`)]
  const { protocol, host, username, password, search, hash } = url
  return [
    ...(protocol === 'https:'
      ? []
      : [invalid(path, protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${form}`)]),
    ...(host === '' ? [invalid(path, host, `host must be specified; ${form}`)] : []),
    ...(username === '' && password === ''
      ? []
      : [invalid(path, username, 'user information is not permitted in the URL')]),
    ...(hash === '' ? [] : [invalid(path, hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(search === '' ? [] : [invalid(path, search.slice(1), 'query parameters are not permitted in the URL')]),
  ]
}

function validateService(path: string, { name, namespace, port = 443 }: Partial<ServiceReference>): FieldError[] {
  return [
    ...((name ?? '') === '' ? [required(`${path}.name`, 'service name is required')] : []),
    ...((namespace ?? '') === '' ? [required(`${path}.namespace`, 'service namespace is required')] : []),
    ...portNumberProblems(port).map((problem) => invalid(`${path}.port`, port, `port is not valid: ${problem}`)),
  ]
}
