import type { Kind } from '../../api/define-kind.ts'
import { keyOf, type KubernetesObject, type Live } from '../../api/meta/object.ts'
import type { OwnerReference } from '../../api/types/meta-v1.ts'

/** An object's place: which kind's queue it belongs to, and its key there. */
export interface Place {
  readonly kind: Kind
  readonly key: string
}

export interface GraphNode extends Place {
  readonly uid: string
  readonly owners: readonly OwnerReference[]
  readonly isDeleting: boolean
  /** Being deleted in the foreground: it waits until the dependents that block it are gone. */
  readonly waitsForDependents: boolean
}

export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'

/** How many objects that have gone are remembered. */
const remembered = 500

const noOwners: readonly OwnerReference[] = []

export function nodeOf(kind: Kind, object: Live<KubernetesObject>): GraphNode {
  const { uid, ownerReferences = noOwners, deletionTimestamp, finalizers } = object.metadata
  const isDeleting = deletionTimestamp !== undefined
  return {
    kind,
    key: keyOf(object),
    uid,
    owners: ownerReferences,
    isDeleting,
    waitsForDependents: isDeleting && finalizers?.includes(foregroundFinalizer) === true,
  }
}

/** Who owns whom, over all kinds. Only uids count: a namesake that came later is somebody else. */
export class OwnerGraph {
  private readonly nodes = new Map<string, GraphNode>()
  private readonly dependents = new Map<string, Set<string>>()
  private readonly gone = new Set<string>()

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid)
  }

  set(node: GraphNode): void {
    this.unlink(node.uid)
    this.nodes.set(node.uid, node)
    for (const { uid } of node.owners) {
      const known = this.dependents.get(uid)
      if (known === undefined) this.dependents.set(uid, new Set([node.uid]))
      else known.add(node.uid)
    }
  }

  /** `isGone`: the object is there no more, as `hasGone` tells for a while. */
  delete({ kind, key, uid }: GraphNode, isGone = false): void {
    this.unlink(uid)
    this.nodes.delete(uid)
    if (!isGone) return
    this.gone.add(JSON.stringify([kind.apiVersion, kind.kind, key, uid]))
    const [oldest = ''] = this.gone
    if (this.gone.size > remembered) this.gone.delete(oldest)
  }

  /**
   * Whether an owner has been seen to go, from where a dependent in this namespace looks for it: its kind may be gone as
   * well, so that nobody can be asked.
   */
  hasGone({ apiVersion, kind, name, uid }: OwnerReference, namespace: string | undefined): boolean {
    const places = namespace === undefined ? [name] : [name, `${namespace}/${name}`]
    return places.some((key) => this.gone.has(JSON.stringify([apiVersion, kind, key, uid])))
  }

  dependentsOf(uid: string): GraphNode[] {
    return [...(this.dependents.get(uid) ?? [])].flatMap((dependent) => {
      const node = this.nodes.get(dependent)
      return node === undefined ? [] : [node]
    })
  }

  private unlink(uid: string): void {
    for (const owner of this.nodes.get(uid)?.owners ?? noOwners) {
      const known = this.dependents.get(owner.uid)
      known?.delete(uid)
      if (known?.size === 0) this.dependents.delete(owner.uid)
    }
  }
}
