/** An Ingress that names no class gets the default one. */
import type { Ingress } from '../../api/types/networking-v1.ts'
import type { AdmissionPlugin } from './admission.ts'
import { defaultClass } from './default-class.ts'

const annotation = 'ingressclass.kubernetes.io/is-default-class'
const oldAnnotation = 'kubernetes.io/ingress.class'

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  mutate({ operation, kind, subresource, object }, { cache }) {
    if (operation !== 'CREATE' || subresource !== '') return
    if (kind.group !== 'networking.k8s.io' || kind.plural !== 'ingresses') return
    const { spec, metadata } = object as Ingress
    if (spec === undefined || spec.ingressClassName !== undefined) return
    if (metadata?.annotations?.[oldAnnotation] !== undefined) return
    const name = defaultClass(cache, 'networking.k8s.io/ingressclasses', [annotation])
    if (name !== undefined) spec.ingressClassName = name
  },
}
