import { namesWhere, plural, setters, type PodCheck } from './check.ts'

const prefix = 'container.apparmor.security.beta.kubernetes.io/'
const isAllowed = (profile: string): boolean =>
  profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/')

/** AppArmor stays on: by the fields, and by the annotations that came before them. */
export const appArmorProfile: PodCheck = {
  id: 'appArmorProfile',
  since: 0,
  check(pod) {
    const annotations = Object.entries(pod.metadata.annotations ?? {})
      .filter(([key, profile]) => key.startsWith(prefix) && !isAllowed(profile))
      .map(([key, profile]) => `${key}=${JSON.stringify(profile)}`)
      .toSorted()
    const isUnconfined = (type: string | undefined): boolean => type === 'Unconfined'
    const inPod = isUnconfined(pod.spec.securityContext?.appArmorProfile?.type)
    const inContainers = namesWhere(pod, ({ securityContext }) => isUnconfined(securityContext?.appArmorProfile?.type))
    const who = setters(inPod, inContainers)
    const details = [
      ...(who === '' ? [] : [`${who} must not set AppArmor profile type to "Unconfined"`]),
      ...(annotations.length === 0 ? [] : [`${plural(annotations.length, 'annotation')} ${annotations.join(', ')}`]),
    ]
    if (details.length === 0) return undefined
    const count = annotations.length + inContainers.length + (inPod ? 1 : 0)
    return { reason: plural(count, 'forbidden AppArmor profile'), detail: details.join('; ') }
  },
}
