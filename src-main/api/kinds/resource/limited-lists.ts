/** Lists and maps of devices: one with too many entries is refused without a look at them. */
import { duplicate, tooMany, type FieldError } from '../../field-error.ts'
import { checkEach } from '../../meta/field-checks.ts'
import { repeats } from '../../meta/repeats.ts'

export function checkList<T>(
  path: string,
  values: readonly T[] | undefined,
  maximum: number,
  check: (value: T, path: string, index: number) => FieldError[],
): FieldError[] {
  const count = values?.length ?? 0
  return count > maximum ? [tooMany(path, count, maximum)] : checkEach(path, values, check)
}

/** As `checkList`, of entries that differ in their key. `shown` is how an error shows the key. */
export function checkSet<T>(
  path: string,
  values: readonly T[] | undefined,
  maximum: number,
  keyOf: (value: T) => string,
  check: (value: T, path: string, index: number) => FieldError[],
  shown: (key: string) => unknown = (key) => key,
): FieldError[] {
  const count = values?.length ?? 0
  if (count > maximum) return [tooMany(path, count, maximum)]
  const isRepeat = repeats()
  return [
    ...checkEach(path, values, check),
    ...checkEach(path, values, (value, at) => {
      const key = keyOf(value)
      return isRepeat(key) ? [duplicate(at, shown(key))] : []
    }),
  ]
}

interface MapLimits {
  readonly maximum: number
  /** A longer key is shown without its middle. */
  readonly shownKey: number
}

/** Errors of a key stand at the map itself, those of a value at the value. */
export function checkMap<T>(
  path: string,
  values: Readonly<Record<string, T>> | undefined,
  { maximum, shownKey }: MapLimits,
  checkKey: (path: string, key: string) => FieldError[],
  check: (value: T, path: string) => FieldError[],
): FieldError[] {
  const entries = Object.entries(values ?? {})
  if (entries.length > maximum) return [tooMany(path, entries.length, maximum)]
  return entries.flatMap(([key, value]) => [
    ...checkKey(path, key),
    ...check(value, `${path}[${withoutMiddle(key, shownKey)}]`),
  ])
}

const ellipsis = '...'

function withoutMiddle(text: string, maximum: number): string {
  if (text.length <= maximum) return text
  const rest = maximum - ellipsis.length
  return text.slice(0, Math.ceil(rest / 2)) + ellipsis + text.slice(text.length - Math.floor(rest / 2))
}
