import { useQuery } from '@tanstack/react-query'
import { client, dataOf } from './client'
import type { components } from './openapi'

export type Wallet = components['schemas']['Wallet']

const PAGE = 100

export const walletKeys = { all: ['wallets'] as const, one: (walletId: string) => ['wallet', walletId] as const }

/** Every wallet of the project: definitions are few, so lists and menus filter them in the page. */
export function useWallets() {
  return useQuery({ queryKey: walletKeys.all, queryFn: readWallets })
}

async function readWallets(): Promise<Wallet[]> {
  const found: Wallet[] = []
  let cursor: string | undefined
  do {
    const page = await dataOf(client.GET('/v1/wallets', { params: { query: { limit: PAGE, cursor } } }))
    found.push(...page.data)
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  return found
}
