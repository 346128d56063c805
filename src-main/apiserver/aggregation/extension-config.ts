/** The ConfigMap by which aggregated servers learn whose word they may take. */
import type { ConfigMap } from '../../api/types/core-v1.ts'
import type { ProxyCertificate } from './remote-server.ts'

export interface ExtensionAuthentication {
  /** PEM: signs the certificates of clients. */
  readonly clientCa: string
  /** PEM: signs the certificate by which this server shows itself to others. */
  readonly requestHeaderCa: string
  readonly proxyClient: ProxyCertificate
}

/** The common name of that certificate. */
export const proxyClientName = 'front-proxy-client'

export const extensionConfig = ({ clientCa, requestHeaderCa }: ExtensionAuthentication): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
  data: {
    'client-ca-file': clientCa,
    'requestheader-client-ca-file': requestHeaderCa,
    'requestheader-allowed-names': JSON.stringify([proxyClientName]),
    'requestheader-username-headers': JSON.stringify(['X-Remote-User']),
    'requestheader-uid-headers': JSON.stringify(['X-Remote-Uid']),
    'requestheader-group-headers': JSON.stringify(['X-Remote-Group']),
    'requestheader-extra-headers-prefix': JSON.stringify(['X-Remote-Extra-']),
  },
})
