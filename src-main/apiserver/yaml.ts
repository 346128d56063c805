/** YAML as Kubernetes reads it: in the words of YAML 1.1, without its times and sexagesimal numbers. */
import {
  LineCounter,
  parseAllDocuments,
  stringify,
  type CollectionTag,
  type Document,
  type DocumentOptions,
  type ParseOptions,
  type ScalarTag,
  type SchemaOptions,
  type Tags,
} from 'yaml'

/** Aliases beyond so many would make much of little. */
const aliasLimit = 100

const octal: ScalarTag = {
  ...{ tag: 'tag:yaml.org,2002:int', default: true, test: /^[-+]?0o[0-7_]+$/ },
  resolve: (text) => Number(text.replace(/[-_+]/g, '')) * (text.startsWith('-') ? -1 : 1),
}

const binary: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) => new TextDecoder().decode(Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0))),
}

function customTags(tags: Tags): Tags {
  return [octal, binary, ...tags.flatMap((tag): Tags => (typeof tag === 'string' ? [tag] : readTag(tag)))]
}

function readTag(tag: CollectionTag | ScalarTag): (CollectionTag | ScalarTag)[] {
  if ('collection' in tag && tag.collection !== undefined) return [tag]
  if (isLeftOut(tag)) return []
  return tag.tag === 'tag:yaml.org,2002:float' ? [finite(tag as ScalarTag)] : [tag]
}

const isLeftOut = ({ tag, format }: Pick<ScalarTag, 'tag' | 'format'>): boolean =>
  format === 'TIME' || tag.endsWith(':timestamp') || tag.endsWith(':binary')

/** JSON has no words for what is no number; what is too large for one stays a text. */
function finite(tag: ScalarTag): ScalarTag {
  return {
    ...tag,
    resolve(text, onError, options) {
      const value = tag.resolve(text, onError, options)
      if (typeof value !== 'number' || Number.isFinite(value)) return value
      if (/\d/.test(text)) return text
      onError(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
      return text
    },
  }
}

const options: ParseOptions & DocumentOptions & SchemaOptions = {
  ...{ version: '1.1', uniqueKeys: false, logLevel: 'error' },
  customTags,
}

/** What reads as the same value, here and in Kubernetes. */
export const writeYaml = (value: unknown): string =>
  stringify(value, { ...options, aliasDuplicateObjects: false, lineWidth: 0 })

/** The first document of the text, and where its lines begin. */
export function readYaml(text: string): { document: Document | undefined; lines: LineCounter } {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { ...options, lineCounter: lines })
  return { document: 'empty' in documents ? undefined : documents[0], lines }
}

/** Its value; null for no document. Throws what is wrong with the text. */
export function parseYaml(text: string): unknown {
  const { document } = readYaml(text)
  if (document === undefined) return null
  const [fault] = document.errors
  if (fault !== undefined) throw fault
  return document.toJS({ maxAliasCount: aliasLimit })
}
