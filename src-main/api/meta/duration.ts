const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** A duration as kubectl prints ages: about two significant places, `<invalid>` when it lies in the future. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / secondMs)
  // Two seconds are allowed for clocks that do not agree.
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(durationMs / minuteMs)
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(durationMs / hourMs)
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 24 * 8) return pair(days, 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.trunc(days / 365)
  return hours < 24 * 365 * 8 ? pair(years, 'y', days % 365, 'd') : `${years}y`
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`
}

/** How long ago a timestamp of an object is; `<unknown>` when it has none. */
export function humanAge(timestamp: string | undefined, nowUnixMs: number): string {
  if (timestamp === undefined || timestamp === '') return '<unknown>'
  return humanDuration(nowUnixMs - Date.parse(timestamp))
}
