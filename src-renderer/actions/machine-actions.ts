import { machine as kind } from '../../src-main/api/kinds/lab/machine.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Machine } from '../../src-main/api/types/lab-v1.ts'
import type { Action } from './action.ts'
import { deleteAction } from './delete-action.ts'

/** A machine that is deleted is made anew by its lab, from an empty disk. */
export function machineActions(machine: Live<Machine>): Action[] {
  const { name } = machine.metadata
  const text = (machine.metadata.ownerReferences?.length ?? 0) > 0 ? 'confirm.rebuild' : 'confirm.machine'
  const isOwned = text === 'confirm.rebuild'
  return [
    {
      ...deleteAction(kind, machine, text),
      ...(isOwned ? { id: 'rebuild', title: 'machines.rebuild', icon: 'restart' } : {}),
      typed: name,
    },
  ]
}
