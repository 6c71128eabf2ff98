import { useQuery } from '@tanstack/react-query'
import { changedByMovement } from './cards'
import { client, dataOf } from './client'
import type { MovementOperation } from './movement'
import type { components } from './openapi'

export type CustomerOrder = components['schemas']['CustomerOrder']
export type OrderRefund = components['schemas']['OrderRefund']
export type OrderRefundBody = Omit<components['schemas']['OrderRefundRequest'], 'dryRun'>
export type Transaction = components['schemas']['Transaction']

const orderKeys = {
  one: (customerId: string, orderId: string) => ['order', customerId, orderId] as const,
  rows: (customerId: string, orderId: string) => ['order-rows', customerId, orderId] as const,
}

/** What an order did to a customer's points. The id is a query parameter, so it may be any text. */
export function useCustomerOrder(customerId: string, orderId: string) {
  return useQuery({
    queryKey: orderKeys.one(customerId, orderId),
    queryFn: () =>
      dataOf(client.GET('/v1/customers/{customerId}/orders', { params: { path: { customerId }, query: { orderId } } })),
  })
}

/** The customers who have points of an order. */
export function useCustomersOfOrder(orderId: string) {
  return useQuery({
    queryKey: ['order-customers', orderId],
    queryFn: async () => (await dataOf(client.GET('/v1/orders', { params: { query: { orderId } } }))).data,
  })
}

const ROWS_MAX = 100

/** The transactions of an order in the customer's wallets, oldest first. */
export function useOrderRows(order: CustomerOrder) {
  const { customerId, orderId, wallets } = order
  return useQuery({
    queryKey: [...orderKeys.rows(customerId, orderId), wallets.map(({ transactions }) => transactions.length)],
    queryFn: async () => {
      const pages = await Promise.all(wallets.map(({ walletId }) => readRows(walletId, customerId, orderId)))
      return pages.flat().sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.seq - b.seq)
    },
  })
}

async function readRows(walletId: string, customerId: string, orderId: string): Promise<Transaction[]> {
  const params = { path: { walletId, customerId }, query: { orderId, limit: ROWS_MAX } }
  return (await dataOf(client.GET('/v1/wallets/{walletId}/cards/{customerId}/transactions', { params }))).data
}

function refund(customerId: string, orderId: string, body: OrderRefundBody, key?: string): Promise<OrderRefund> {
  return dataOf(
    client.POST('/v1/customers/{customerId}/refunds', {
      params: { path: { customerId }, header: key ? { 'idempotency-key': key } : {} },
      body: { ...body, orderId, dryRun: key === undefined },
    }),
  )
}

/** Refunds an order in all of the customer's wallets: in all of them, or in none. */
export function orderRefund(
  customerId: string,
  orderId: string,
): MovementOperation<OrderRefundBody, OrderRefund, OrderRefund> {
  return {
    describe: () => `Refund of order ${orderId} of ${customerId}`,
    preview: (body) => refund(customerId, orderId, body),
    commit: (body, key) => refund(customerId, orderId, body, key),
    changes: changedByMovement(customerId),
  }
}

/** What a refund would do now; read again as the form changes. */
export function useRefundPreview(customerId: string, orderId: string, body: OrderRefundBody | null) {
  return useQuery({
    queryKey: [...orderKeys.one(customerId, orderId), 'preview', body],
    queryFn: () => refund(customerId, orderId, body!),
    enabled: body !== null,
    staleTime: 0,
  })
}
