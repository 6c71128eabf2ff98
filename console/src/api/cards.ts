import { useQuery } from '@tanstack/react-query'
import { client, dataOf } from './client'
import type { components } from './openapi'

export type Card = components['schemas']['Card']
export type CardStatus = components['schemas']['CardStatus']
export type Lot = components['schemas']['Lot']
export type OpenHold = components['schemas']['OpenHold']
export type Balance = components['schemas']['Balance']

export const cardKeys = {
  ofCustomer: (customerId: string) => ['cards', customerId] as const,
  one: (walletId: string, customerId: string) => ['cards', customerId, walletId] as const,
}

/** The query keys of everything that a movement on the card changes. */
export function changedByMovement(walletId: string, customerId: string): readonly (readonly unknown[])[] {
  return [
    cardKeys.ofCustomer(customerId),
    ['customer', customerId],
    ['transactions', customerId, walletId],
    ['verification', customerId, walletId],
    ['balance', customerId, walletId],
    ['order', customerId],
  ]
}

/** The customer's cards in all wallets. */
export function useCustomerCards(customerId: string) {
  return useQuery({
    queryKey: cardKeys.ofCustomer(customerId),
    queryFn: async () => (await dataOf(client.GET('/v1/customers/{customerId}/cards', at({ customerId })))).data,
  })
}

/** The customer's card in one wallet. */
export function useCard(walletId: string, customerId: string) {
  return useQuery({
    queryKey: cardKeys.one(walletId, customerId),
    queryFn: () => dataOf(client.GET('/v1/wallets/{walletId}/cards/{customerId}', at({ walletId, customerId }))),
  })
}

function at<Path>(path: Path): { params: { path: Path } } {
  return { params: { path } }
}
