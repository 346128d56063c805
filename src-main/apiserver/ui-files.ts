/** The interface's files: what `npm run build` made of src-renderer. */
import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import type { EncodedResponse } from './encoded-response.ts'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json',
}

/** Build tools put a hash of the content into these names, so a name never means anything else. */
const hashedFolder = '/assets/'

/**
 * The file at `path`; the start page when a browser navigates to a path of the interface's own router, which may well
 * have a dot in it; 404 for anything else.
 */
export async function uiFile(folder: string, path: string, isNavigation: boolean): Promise<EncodedResponse> {
  const asked = await readInside(folder, path)
  if (asked !== undefined) return fileResponse(path, asked)
  if (path !== '/' && (!isNavigation || path.startsWith(hashedFolder)))
    return textResponse(404, 'there is no such file\n')
  const page = await readInside(folder, '/index.html')
  return page === undefined
    ? textResponse(503, 'the interface has not been built yet: npm run build\n')
    : fileResponse('/index.html', page)
}

/** Undefined when there is no such file, or when the path leads out of the folder. */
async function readInside(folder: string, path: string): Promise<Buffer | undefined> {
  const root = resolve(folder)
  const file = join(root, decoded(path))
  if (!file.startsWith(root + sep)) return undefined
  try {
    return await readFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined
    throw error
  }
}

function decoded(path: string): string {
  try {
    const text = decodeURIComponent(path)
    return text.includes('\0') ? '/' : text
  } catch {
    return '/'
  }
}

function fileResponse(path: string, bytes: Buffer): EncodedResponse {
  return {
    code: 200,
    headers: {
      'content-type': contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream',
      'cache-control': path.startsWith(hashedFolder) ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
    body: { type: 'chunks', chunks: [bytes], bytes: bytes.length },
  }
}

export function textResponse(code: number, text: string, contentType = 'text/plain; charset=utf-8'): EncodedResponse {
  const bytes = Buffer.from(text)
  return {
    code,
    headers: { 'content-type': contentType, 'cache-control': 'no-store' },
    body: { type: 'chunks', chunks: [bytes], bytes: bytes.length },
  }
}
