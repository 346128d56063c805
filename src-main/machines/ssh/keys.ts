import ssh2 from 'ssh2'

export interface KeyPair {
  /** In OpenSSH's own form, for a file of mode 0600. */
  readonly privateKey: string
  /** One line: type, key, comment. */
  readonly publicKey: string
}

/** A new ed25519 key pair. */
export function generateKeyPair(comment: string): KeyPair {
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519', { comment })
  return { privateKey, publicKey }
}
