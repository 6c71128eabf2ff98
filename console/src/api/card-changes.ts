import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { changedByMovement, type Card } from './cards'
import { answerOf, client, dataOf } from './client'
import type { components } from './openapi'

export type Property = components['schemas']['Property']
type CardUpdate = components['schemas']['CardUpdateRequest']
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

/** The schema of cards' metadata. */
export function useCardProperties() {
  return useQuery({
    queryKey: ['project'],
    queryFn: () => dataOf(client.GET('/v1/project')),
    select: ({ metadataSchema }): readonly Property[] => metadataSchema.card,
  })
}

/** Changes status or metadata of the card unless the card changed since the ETag was read. */
export function useCardChange({ walletId, customerId }: Reference) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ change, etag }: { change: Partial<CardUpdate>; etag: string }) =>
      answerOf(
        client.PATCH('/v1/wallets/{walletId}/cards/{customerId}', {
          params: { path: { walletId, customerId }, header: { 'if-match': etag } },
          // A patch leaves what it does not name as it is.
          body: change as CardUpdate,
        }),
      ),
    onSuccess: () =>
      Promise.all(changedByMovement(customerId).map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
}
