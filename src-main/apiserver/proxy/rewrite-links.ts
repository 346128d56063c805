/** Links in what a proxied server answers: those to the server itself are made to lead through the proxy again. */
import { Transform } from 'node:stream'

export interface Rewriting {
  /** The path of the proxy, which stands before every path of the server; without a slash at its end. */
  readonly prefix: string
  /** The server's own host and port. */
  readonly host: string
}

/** A link as it is to be; one to elsewhere, or relative to the page, stays as it is. */
export function rewriteLink(link: string, { prefix, host }: Rewriting): string {
  if (link.startsWith('//') || link.startsWith(`${prefix}/`) || link === prefix) return link
  if (link.startsWith('/')) return prefix + link
  const absolute = /^https?:\/\/([^/?#]+)(.*)$/is.exec(link)
  if (absolute === null || absolute[1] !== host) return link
  const path = absolute[2] ?? ''
  return prefix + (path.startsWith('/') ? path : `/${path}`)
}

const linkAttributes =
  'href|src|action|formaction|cite|background|data|poster|longdesc|manifest|codebase|usemap|profile|icon'
const attribute = new RegExp(`(\\s(?:${linkAttributes})\\s*=\\s*)("[^"]*"|'[^']*'|[^\\s"'>]+)`, 'gi')
/** A tag that is longer is no tag that matters. */
const tagLimit = 64 * 1024

/** Changes the links of an HTML page on its way, tag by tag. Bytes pass through as they are, whatever their encoding. */
export function htmlRewriter(rewriting: Rewriting): Transform {
  let rest = ''
  const rewriteTag = (tag: string): string =>
    tag.replace(attribute, (_whole, before: string, value: string) => {
      const quote = value.startsWith('"') || value.startsWith("'") ? value.charAt(0) : ''
      const link = quote === '' ? value : value.slice(1, -1)
      return `${before}${quote}${rewriteLink(link, rewriting)}${quote}`
    })
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = rest + chunk.toString('latin1')
      const open = text.lastIndexOf('<')
      const whole = open < 0 || text.indexOf('>', open) >= 0 || text.length - open > tagLimit ? text.length : open
      rest = text.slice(whole)
      done(null, Buffer.from(text.slice(0, whole).replace(/<[a-z][^>]*>/gi, rewriteTag), 'latin1'))
    },
    flush(done) {
      done(null, Buffer.from(rest.replace(/<[a-z][^>]*>/gi, rewriteTag), 'latin1'))
    },
  })
}
