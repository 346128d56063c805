/** A certificate request (PKCS #10) for a new key, as a client makes it. */
import type { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

export interface MadeRequest {
  /** PEM. */
  readonly request: string
  readonly keys: webcrypto.CryptoKeyPair
}

export async function makeCertificateRequest(subject: string): Promise<MadeRequest> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const made = await Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm })
  return { request: made.toString('pem'), keys }
}
