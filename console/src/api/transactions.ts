import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { client, dataOf } from './client'
import type { components, operations } from './openapi'

export type Transaction = components['schemas']['Transaction']
export type Explanation = components['schemas']['Explanation']
export type Verification = components['schemas']['Verification']
export type BalanceAsOf = components['schemas']['BalanceAsOf']
type TransactionPage = components['schemas']['TransactionList']
/** `from` and `to` are instants. */
export type TransactionFilters = Omit<
  NonNullable<operations['list_transactions']['parameters']['query']>,
  'limit' | 'cursor'
>

export const transactionKeys = {
  ofCard: (walletId: string, customerId: string) => ['transactions', customerId, walletId] as const,
  one: (transactionId: string) => ['transaction', transactionId] as const,
  explanation: (transactionId: string) => ['explanation', transactionId] as const,
  verification: (walletId: string, customerId: string) => ['verification', customerId, walletId] as const,
  balance: (walletId: string, customerId: string, at: string) => ['balance', customerId, walletId, at] as const,
}

const PAGE = 25
const LISTED_SOON_MS = 1000

/** The card's transactions, newest first, page by page. */
export function useTransactions(walletId: string, customerId: string, filters: TransactionFilters = {}) {
  return useInfiniteQuery({
    queryKey: [...transactionKeys.ofCard(walletId, customerId), filters],
    queryFn: ({ pageParam }) => readPage(walletId, customerId, filters, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })
}

/** Reads a page, and reads it once more if the newest transaction is not listed yet. */
async function readPage(
  walletId: string,
  customerId: string,
  filters: TransactionFilters,
  cursor: string | undefined,
): Promise<TransactionPage> {
  const read = () =>
    dataOf(
      client.GET('/v1/wallets/{walletId}/cards/{customerId}/transactions', {
        params: { path: { walletId, customerId }, query: { ...filters, limit: PAGE, cursor } },
      }),
    )
  const page = await read()
  if (page.complete) return page
  await new Promise((resolve) => setTimeout(resolve, LISTED_SOON_MS))
  return read()
}

export function useTransaction(transactionId: string) {
  return useQuery({
    queryKey: transactionKeys.one(transactionId),
    queryFn: () => dataOf(client.GET('/v1/transactions/{transactionId}', { params: { path: { transactionId } } })),
  })
}

/** Why the transaction has its points, lots and dates. */
export function useExplanation(transactionId: string) {
  return useQuery({
    queryKey: transactionKeys.explanation(transactionId),
    queryFn: () =>
      dataOf(client.GET('/v1/transactions/{transactionId}/explain', { params: { path: { transactionId } } })),
    staleTime: Infinity,
  })
}

/** Compares the card with its ledger, but only on demand, because the API reads all of its rows: call `refetch`. */
export function useVerification(walletId: string, customerId: string) {
  return useQuery({
    queryKey: transactionKeys.verification(walletId, customerId),
    queryFn: () =>
      dataOf(
        client.GET('/v1/wallets/{walletId}/cards/{customerId}/verify', { params: { path: { walletId, customerId } } }),
      ),
    enabled: false,
  })
}

/** The card's balance at an instant, past or ahead. Without an instant, nothing is read. */
export function useBalanceAt(walletId: string, customerId: string, at: string | undefined) {
  return useQuery({
    queryKey: transactionKeys.balance(walletId, customerId, at ?? ''),
    queryFn: () =>
      dataOf(
        client.GET('/v1/wallets/{walletId}/cards/{customerId}/balance', {
          params: { path: { walletId, customerId }, query: { at } },
        }),
      ),
    enabled: at !== undefined,
  })
}
