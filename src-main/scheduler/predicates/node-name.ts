import { fits, unresolvable, type Predicate } from '../framework.ts'

const refusal = unresolvable("node(s) didn't match the requested node name")

/** A pod that names its node runs there or nowhere. */
export const nodeName: Predicate = {
  name: 'NodeName',
  prepare(pod) {
    const wanted = pod.spec?.nodeName ?? ''
    return wanted === '' ? undefined : { key: wanted, check: ({ name }) => (name === wanted ? fits : refusal) }
  },
  mayHelp: (event, pod) => event.type === 'nodeAdded' && event.node.metadata.name === pod.spec?.nodeName,
}
