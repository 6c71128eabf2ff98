import { useCallback, useMemo, useSyncExternalStore } from 'react'

/**
 * Locations are in the fragment (`#/customers/ann?wallet=…`), so ids reach no access log, proxy or referrer, and the
 * console works under any prefix.
 */

/** Encodes an id as one segment of a location: `%` is written `~`, because the router decodes `%` itself, but not fully. */
export function segment(id: string): string {
  return encodeURIComponent(id).replaceAll('~', '%7E').replaceAll('%', '~')
}

/** The id of a segment. A segment that nobody encoded is taken as it is, and no such id is found. */
export function idOf(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('~', '%'))
  } catch {
    return encoded
  }
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

const fragment = () => window.location.hash.replace(/^#?\/?/, '/')
const pathNow = () => fragment().split('?')[0] ?? '/'
const queryNow = () => fragment().split('?')[1] ?? ''

export function go(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const address = `${window.location.pathname}#${to}`
  if (replace) window.history.replaceState(null, '', address)
  else window.history.pushState(null, '', address)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

/** The router's location hook. */
export function useHashPath(): [string, typeof go] {
  return [useSyncExternalStore(subscribe, pathNow), go]
}
useHashPath.hrefs = (href: string) => `#${href}`

/** The router's search hook. */
export function useHashSearch(): string {
  return useSyncExternalStore(subscribe, queryNow)
}

export type Query = Readonly<Record<string, string>>

/** The query of the location, and a function that changes some of its parameters (`undefined` removes one). */
export function useHashQuery(): [Query, (change: Record<string, string | undefined>) => void] {
  const search = useHashSearch()
  const query = useMemo(() => Object.fromEntries(new URLSearchParams(search)), [search])
  const change = useCallback((changes: Record<string, string | undefined>) => {
    go(href(pathNow(), { ...Object.fromEntries(new URLSearchParams(queryNow())), ...changes }), { replace: true })
  }, [])
  return [query, change]
}

export function href(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]))
  const search = new URLSearchParams(given).toString()
  return search ? `${path}?${search}` : path
}

/** Every location of the console. Links are `#` and one of these. */
export const to = {
  wallets: () => '/wallets',
  newWallet: () => '/wallets/new',
  importWallet: () => '/wallets/import',
  wallet: (walletId: string, tab?: string) => href(`/wallets/${segment(walletId)}`, { tab }),
  editWallet: (walletId: string, step?: string) => href(`/wallets/${segment(walletId)}/edit`, { step }),
  customers: (query?: string) => href('/customers', { q: query }),
  customer: (customerId: string, walletId?: string, tab?: string) =>
    href(`/customers/${segment(customerId)}`, { wallet: walletId, tab }),
  /** A transaction in the timeline of its card, explained at the side. */
  row: (row: { customerId: string; walletId: string; transactionId: string }) =>
    href(`/customers/${segment(row.customerId)}`, { wallet: row.walletId, explain: row.transactionId }),
  order: (orderId: string, customerId?: string) => href(`/orders/${segment(orderId)}`, { customer: customerId }),
  transaction: (transactionId: string) => `/transactions/${segment(transactionId)}`,
} as const
