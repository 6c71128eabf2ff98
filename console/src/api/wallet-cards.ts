import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { cardKeys } from './cards'
import { client, dataOf } from './client'

const PAGE = 25

/** The wallet's cards, a page at a time. With a prefix: of the customers whose ids begin with it, in their order. */
export function useWalletCards(walletId: string, prefix: string) {
  return useInfiniteQuery({
    queryKey: cardKeys.ofWallet(walletId, prefix),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      dataOf(
        client.GET('/v1/wallets/{walletId}/cards', {
          params: { path: { walletId }, query: { prefix: prefix || undefined, limit: PAGE, cursor } },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })
}

/** Creates the customer's card, or finds the card that the customer already has. */
export function useEnrolCustomer(walletId: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: { customerId: string; code?: string }) =>
      dataOf(client.POST('/v1/wallets/{walletId}/cards', { params: { path: { walletId } }, body })),
    onSuccess: ({ customerId }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: cardKeys.ofWallet(walletId) }),
        queries.invalidateQueries({ queryKey: cardKeys.ofCustomer(customerId) }),
      ]),
  })
}
