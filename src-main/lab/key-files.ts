/** Secrets on disk: readable by their owner only, and replaced in one step. */
import { open, readFile, rename } from 'node:fs/promises'

export interface KeyPairPem {
  readonly certificate: string
  readonly key: string
}

/** The pair `base.crt` and `base.key`; undefined when either is absent. */
export async function readKeyPair(base: string): Promise<KeyPairPem | undefined> {
  try {
    const [certificate, key] = await Promise.all([readFile(`${base}.crt`, 'utf8'), readFile(`${base}.key`, 'utf8')])
    return { certificate, key }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function writeKeyPair(base: string, pair: KeyPairPem): Promise<void> {
  await writePrivateFile(`${base}.key`, pair.key)
  await writePrivateFile(`${base}.crt`, pair.certificate)
}

/** Replaces a file whose content only its owner may read (0600); after a crash it has its old or its new content. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    // A draft left by a crash keeps its old mode otherwise.
    await file.chmod(0o600)
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
