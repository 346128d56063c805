import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Random } from '../../../lib/random.ts'
import { generateKeyPair, type KeyPair } from '../../ssh/keys.ts'

/** The key pair in `file` and `file.pub`, made when it is not there. */
export async function ensureKeyPair(file: string, comment: string, random: Random): Promise<KeyPair> {
  try {
    return { privateKey: await readFile(file, 'utf8'), publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  const pair = generateKeyPair(comment)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await chmod(dirname(file), 0o700)
  // The private part comes last and in one step: when it is there, both are whole.
  await writeFile(`${file}.pub`, `${pair.publicKey}\n`, { mode: 0o644 })
  const unfinished = `${file}.${random.suffix(8)}`
  await writeFile(unfinished, pair.privateKey, { mode: 0o600 })
  await rename(unfinished, file)
  return pair
}
