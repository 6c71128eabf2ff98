import type { OrderRefundBody } from '../../api/orders'
import { currencyDigits, formatMoney } from '../../format'
import { readAmount, type Typed } from '../../movements/amounts'
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

/** The typed amount in minor units, at most what is `left` of the order; null if the order's amount is unknown. */
export function typedAmount({ amount }: RefundForm, currency: string, left: number | null): Typed {
  const typed = readAmount(amount, currencyDigits(currency))
  const tooLarge = left !== null && 'number' in typed && typed.number > left
  return tooLarge ? { error: `At most ${formatMoney(left, currency)} are left to refund.` } : typed
}

/** The request of the form, or null while the form is not complete. */
export function bodyOf(
  form: RefundForm,
  lines: readonly Line[],
  currency: string,
  left: number | null = null,
): OrderRefundBody | null {
  const reason = form.reason.trim() || null
  if (form.extent === 'FULL') return { type: 'FULL', reason }
  if (form.extent === 'AMOUNT') {
    const typed = typedAmount(form, currency, left)
    return 'number' in typed ? { type: 'AMOUNT', amount: typed.number, reason } : null
  }
  const items = lines
    .map(({ id, productId, lineId }) => ({ productId, lineId, quantity: form.quantities[id] ?? 0 }))
    .filter(({ quantity }) => quantity > 0)
  return items.length === 0 ? null : { type: 'ITEMS', items, reason }
}
