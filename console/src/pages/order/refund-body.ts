import type { OrderRefundBody } from '../../api/orders'
import { minorUnits } from '../../format'
import type { Line } from './order-tables'

export type Extent = 'FULL' | 'AMOUNT' | 'ITEMS'

/** What the form holds. */
export interface RefundForm {
  extent: Extent
  amount: string
  /** The returned quantity by the line's id. */
  quantities: Readonly<Record<string, number>>
  reason: string
}

export const emptyForm: RefundForm = { extent: 'FULL', amount: '', quantities: {}, reason: '' }

/** The request of the form, or null while the form is not complete. */
export function bodyOf(form: RefundForm, lines: readonly Line[], currency: string): OrderRefundBody | null {
  const reason = form.reason.trim() || null
  if (form.extent === 'FULL') return { type: 'FULL', reason }
  if (form.extent === 'AMOUNT') {
    const amount = minorUnits(form.amount, currency)
    return amount === null || amount <= 0 ? null : { type: 'AMOUNT', amount, reason }
  }
  const items = lines
    .map(({ id, productId, lineId }) => ({ productId, lineId, quantity: form.quantities[id] ?? 0 }))
    .filter(({ quantity }) => quantity > 0)
  return items.length === 0 ? null : { type: 'ITEMS', items, reason }
}
