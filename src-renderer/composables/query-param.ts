import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'

/** What was asked for last while the router is still on its way: two changes at once must not undo each other. */
let pending: LocationQuery | undefined

/** A text that lives in the address, so that a view can be shared and survives a reload. Empty: not there. */
export function useQueryParam(name: string): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const value = route.query[name]
      return typeof value === 'string' ? value : ''
    },
    set: (value) => {
      const query = { ...(pending ?? route.query) }
      if (value === '') Reflect.deleteProperty(query, name)
      else query[name] = value
      pending = query
      void router.replace({ query }).finally(() => {
        if (pending === query) pending = undefined
      })
    },
  })
}
