import type { Reading } from './terms'

/** The order that a movement may belong to. */
export type OrderValues = Readonly<{ orderId: string; 'order.amount': string }>

export const NO_ORDER: OrderValues = { orderId: '', 'order.amount': '' }

/** The order as the body of a request takes it. */
export function readOrder(read: Reading, values: OrderValues): { orderId?: string; order?: { amount: number } } {
  if (values.orderId.trim() === '') {
    if (values['order.amount'].trim() !== '') read.text('orderId', '', 'Enter the number of the order.')
    return {}
  }
  const orderId = read.text('orderId', values.orderId, '')
  if (values['order.amount'].trim() === '') return { orderId }
  return { orderId, order: { amount: read.money('order.amount', values['order.amount']) } }
}
