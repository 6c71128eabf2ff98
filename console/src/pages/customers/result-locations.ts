import type { SearchResult } from '../../api/search'
import { to } from '../../routing'

/** Where a result leads: an order without one customer leads to the choice of its customers. */
export function locationOf(result: SearchResult): string {
  const { kind, id, walletId, customerId } = result
  if (kind === 'WALLET') return to.wallet(id)
  if (kind === 'TRANSACTION') return to.transaction(id)
  if (kind === 'ORDER') return to.order(id, customerId ?? undefined)
  return customerId === null ? to.customers(id) : to.customer(customerId, walletId ?? undefined)
}

/** The one location to which all results lead, if there is one. */
export function onlyLocation(results: readonly SearchResult[]): string | undefined {
  const locations = new Set(results.map(locationOf))
  return locations.size === 1 ? [...locations][0] : undefined
}
