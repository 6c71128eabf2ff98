import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { changedByMovement, type Card, type CardStatus } from './cards'
import { answerOf, client } from './client'

type Reference = Pick<Card, 'walletId' | 'customerId'>

/** The card as it is now with its ETag, which counts changes of status and metadata. */
export function useCardToChange({ walletId, customerId }: Reference) {
  return useQuery({
    queryKey: ['card to change', customerId, walletId],
    queryFn: () =>
      answerOf(client.GET('/v1/wallets/{walletId}/cards/{customerId}', { params: { path: { walletId, customerId } } })),
    staleTime: 0,
    gcTime: 0,
  })
}

/** Changes the card's status unless the card changed since the ETag was read. */
export function useCardStatusChange({ walletId, customerId }: Reference) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ status, etag }: { status: CardStatus; etag: string }) =>
      answerOf(
        client.PATCH('/v1/wallets/{walletId}/cards/{customerId}', {
          params: { path: { walletId, customerId }, header: { 'if-match': etag } },
          body: { status },
        }),
      ),
    onSuccess: () =>
      Promise.all(changedByMovement(customerId).map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
}
