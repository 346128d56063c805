import { computed } from 'vue'
import { formatAddress, parseAddress, type ObjectAddress } from '../kinds/object-address.ts'
import { useQueryParam } from './query-param.ts'

/** Which object the detail drawer shows; in the address as `show=pods/default/web`. */
export function useObjectDrawer() {
  const text = useQueryParam('show')
  return {
    address: computed(() => parseAddress(text.value)),
    open: (address: ObjectAddress): void => void (text.value = formatAddress(address)),
    close: (): void => void (text.value = ''),
  }
}
