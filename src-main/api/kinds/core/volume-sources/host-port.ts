/** Whether this reads as `host:port` or `[IPv6]:port`; Kubernetes asks no more of either part here. */
export function isHostPort(text: string): boolean {
  const colon = text.lastIndexOf(':')
  if (colon < 0) return false
  if (!text.startsWith('[')) return text.indexOf(':') === colon && !/[[\]]/.test(text)
  const end = text.indexOf(']')
  return end >= 0 && end + 1 === colon && !text.includes('[', 1) && !text.includes(']', end + 1)
}
