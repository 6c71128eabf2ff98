import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { cardKeys, type Card } from './cards'
import { client, dataOf } from './client'
import type { components } from './openapi'

export type SearchResult = components['schemas']['SearchResult']

const PAGE = 25

/** Everything that the text identifies exactly. Without a text, nothing is sought. */
export function useSearch(text: string) {
  return useQuery({
    queryKey: ['search', text],
    queryFn: async () => (await dataOf(client.GET('/v1/search', { params: { query: { q: text } } }))).data,
    enabled: text !== '',
    staleTime: 0,
  })
}

/** Cards of a wallet whose customer ids begin with the prefix, page by page. Without both, nothing is read. */
export function useCardsByPrefix(walletId: string | undefined, prefix: string) {
  return useInfiniteQuery({
    queryKey: cardKeys.byPrefix(walletId ?? '', prefix),
    queryFn: ({ pageParam }) =>
      dataOf(
        client.GET('/v1/wallets/{walletId}/cards', {
          params: {
            path: { walletId: walletId ?? '' },
            query: { prefix, limit: PAGE, cursor: pageParam },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled: walletId !== undefined && prefix !== '',
  })
}

/** Enrols customers in wallets. Enrolling a customer again answers the same card. */
export function useEnrolment() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ walletId, customerId }: { walletId: string; customerId: string }): Promise<Card> =>
      dataOf(client.POST('/v1/wallets/{walletId}/cards', { params: { path: { walletId } }, body: { customerId } })),
    onSuccess: ({ walletId, customerId }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: cardKeys.ofCustomer(customerId) }),
        queries.invalidateQueries({ queryKey: ['cards by prefix', walletId] }),
        queries.invalidateQueries({ queryKey: ['search'] }),
      ]),
  })
}
