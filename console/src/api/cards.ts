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
  /** Of the customers whose ids begin with the prefix; without one, the key is that of all prefixes. */
  ofWallet: (walletId: string, ...prefix: [] | [string]) => ['wallet-cards', walletId, ...prefix] as const,
}

/** The query keys of everything that a movement of the customer's points changes, in any wallet. */
export function changedByMovement(customerId: string): readonly (readonly unknown[])[] {
  const ofCustomer = ['cards', 'customer', 'transactions', 'verification', 'balance', 'order', 'order-rows']
  return [...ofCustomer.map((name) => [name, customerId]), ['wallet-cards']]
}

/** The customer's cards in all wallets. */
export function useCustomerCards(customerId: string) {
  return useQuery({
    queryKey: cardKeys.ofCustomer(customerId),
    queryFn: async () =>
      (await dataOf(client.GET('/v1/customers/{customerId}/cards', { params: { path: { customerId } } }))).data,
  })
}
