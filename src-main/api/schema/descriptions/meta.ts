import type { Texts } from './texts.ts'

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

export const metaTexts: Texts = {
  [`${meta}ObjectMeta`]: [
    'What all objects have, whatever their kind.',
    {
      annotations: 'Notes of tools and people, by key; nothing is selected by them.',
      creationTimestamp: 'CreationTimestamp is a timestamp: when the server made the object.',
      deletionGracePeriodSeconds: 'How long the object has to end once it is being deleted.',
      deletionTimestamp: 'When the object is to be gone; set once somebody has asked for its deletion.',
      finalizers: 'What must be done before the object may go; whoever has done it takes its entry away.',
      generateName: 'The start of a name that the server completes, when no name is given.',
      generation: 'Counts the changes of what is wanted.',
      labels: 'Keys and values by which objects are selected.',
      managedFields: 'Which manager owns which fields, for server-side apply.',
      name: 'Unique among the objects of its kind in a namespace; never changes.',
      namespace: 'The namespace in which the name is unique.',
      ownerReferences: 'Objects without which this one has no purpose; it is removed when the last of them is gone.',
      resourceVersion: 'Changes with every write; for watches, and to notice that somebody else has written.',
      selfLink: 'No longer used.',
      uid: 'Unique in time and space: a later object of the same name has another one.',
    },
  ],
  [`${meta}LabelSelector`]: [
    'Chooses objects by their labels; all parts must hold.',
    { matchExpressions: 'Conditions on labels.', matchLabels: 'Labels that must have these values.' },
  ],
  [`${meta}LabelSelectorRequirement`]: [
    'A condition on one label.',
    {
      key: 'The label.',
      operator: 'In, NotIn, Exists or DoesNotExist.',
      values: 'What In and NotIn compare with.',
    },
  ],
  [`${meta}OwnerReference`]: [
    'An object that this one belongs to.',
    {
      blockOwnerDeletion: 'Whether a foreground deletion of the owner waits for this object.',
      controller: 'Whether the owner is the one that manages this object.',
      name: 'The name of the owner.',
      uid: 'The UID of the owner.',
    },
  ],
}
