/** Other parts of a claim speak of its requests by name, and of their alternatives as `request/alternative`. */
import { invalid, type FieldError } from '../../field-error.ts'
import type { DeviceClaim } from '../../types/resource-v1.ts'
import { checkLabelName } from './device-names.ts'
import { checkSet } from './limited-lists.ts'

export const mostRequests = 32

/** The names of alternatives by the name of their request. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

export function requestNamesOf(devices: DeviceClaim | undefined): RequestNames {
  return new Map(
    (devices?.requests ?? []).map(({ name, firstAvailable }) => [
      name,
      new Set((firstAvailable ?? []).map((one) => one.name)),
    ]),
  )
}

const noSuchRequest =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

export function checkRequestName(path: string, name: string | undefined, names: RequestNames): FieldError[] {
  const text = name ?? ''
  const parts = text.split('/')
  if (parts.length > 2) return [invalid(path, text, noSuchRequest)]
  const [request = '', alternative] = parts
  const known = names.get(request)
  const exists = known !== undefined && (alternative === undefined || known.has(alternative))
  return [
    ...parts.flatMap((part) => checkLabelName(path, part)),
    ...(exists ? [] : [invalid(path, text, noSuchRequest)]),
  ]
}

export const checkRequestNames = (
  path: string,
  list: readonly string[] | undefined,
  names: RequestNames,
): FieldError[] =>
  checkSet(
    path,
    list,
    mostRequests,
    (name) => name,
    (name, at) => checkRequestName(at, name, names),
  )
