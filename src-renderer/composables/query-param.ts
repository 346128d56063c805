import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

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
      const query = { ...route.query }
      if (value === '') Reflect.deleteProperty(query, name)
      else query[name] = value
      void router.replace({ query })
    },
  })
}
