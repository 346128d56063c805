import { subdomainName } from '../../meta/names.ts'

/** What is wrong with the name of a trust bundle: `example.com:signer:name` for a signer; for nobody without colons. */
export function bundleNameProblems(name: string, signerName: string): string[] {
  if (signerName === '')
    return name.includes(':')
      ? ['ClusterTrustBundle without signer name must not have ":" in its name']
      : subdomainName(name, false)
  const prefix = `${signerName.replaceAll('/', ':')}:`
  return name.startsWith(prefix)
    ? subdomainName(name.slice(prefix.length), false)
    : [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`]
}
