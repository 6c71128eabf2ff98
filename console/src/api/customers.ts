import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, client, dataOf } from './client'
import type { components } from './openapi'

export type Customer = components['schemas']['Customer']
export type ChangedCustomer = components['schemas']['ChangedCustomer']
export type ProgramTier = components['schemas']['ProgramTier']

const customerKeys = {
  profile: (customerId: string) => ['customer', customerId, 'profile'] as const,
  tiers: (customerId: string) => ['customer', customerId, 'tiers'] as const,
}

/** The customer's profile with its ETag. */
export function useCustomer(customerId: string) {
  return useQuery({
    queryKey: customerKeys.profile(customerId),
    queryFn: () => answerOf(client.GET('/v1/customers/{customerId}', { params: { path: { customerId } } })),
  })
}

/** The customer's tiers, one for each active program. */
export function useTiers(customerId: string) {
  return useQuery({
    queryKey: customerKeys.tiers(customerId),
    queryFn: async () =>
      (await dataOf(client.GET('/v1/customers/{customerId}/tiers', { params: { path: { customerId } } }))).data,
  })
}

/** Adds and removes segments, and leaves the rest of the profile as it is. Campaigns of the segments entered are decided. */
export function useSegmentsChange(customerId: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: { add: string[]; remove: string[] }) =>
      dataOf(client.POST('/v1/customers/{customerId}/segments', { params: { path: { customerId } }, body })),
    onSuccess: () =>
      Promise.all(
        ['customer', 'cards', 'transactions', 'balance'].map((key) =>
          queries.invalidateQueries({ queryKey: [key, customerId] }),
        ),
      ),
  })
}
