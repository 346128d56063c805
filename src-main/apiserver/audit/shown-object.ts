/** An object as the audit log may show it: tokens never, whatever the policy says. */
type Fields = Readonly<Record<string, unknown>>

export function shownObject(object: unknown, omitManagedFields: boolean): unknown {
  if (typeof object !== 'object' || object === null) return object
  const shown = withoutTokens(object as Fields)
  if (!omitManagedFields || typeof shown['metadata'] !== 'object' || shown['metadata'] === null) return shown
  const { managedFields: _managedFields, ...metadata } = shown['metadata'] as Fields
  return { ...shown, metadata }
}

const tokenFields: Readonly<Record<string, readonly string[]>> = {
  TokenReview: ['spec'],
  TokenRequest: ['status'],
}

function withoutTokens(object: Fields): Fields {
  // A body may leave out its kind: a token has these two places only.
  const places = tokenFields[String(object['kind'] ?? '')] ?? ['spec', 'status']
  let shown = object
  for (const place of places) {
    const part = object[place]
    if (typeof part !== 'object' || part === null || !('token' in part)) continue
    const { token: _token, ...rest } = part as Fields
    shown = { ...shown, [place]: rest }
  }
  return shown
}
