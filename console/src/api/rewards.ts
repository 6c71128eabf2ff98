import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { client, dataOf } from './client'
import type { components } from './openapi'

export type Entitlement = components['schemas']['Entitlement']
export type RewardRedemption = components['schemas']['RewardRedemption']

const PAGE = 25

/** The rights that the customer has now, from redemptions and tiers. */
export function useEntitlements(customerId: string) {
  return useQuery({
    queryKey: ['customer', customerId, 'entitlements'],
    queryFn: async () =>
      (await dataOf(client.GET('/v1/customers/{customerId}/entitlements', { params: { path: { customerId } } }))).data,
  })
}

/** The rewards that the customer redeemed, newest first, page by page. */
export function useRedemptions(customerId: string) {
  return useInfiniteQuery({
    queryKey: ['customer', customerId, 'redemptions'],
    queryFn: ({ pageParam: cursor }) =>
      dataOf(
        client.GET('/v1/customers/{customerId}/redemptions', {
          params: { path: { customerId }, query: { limit: PAGE, cursor } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })
}
