import { FormField, RadioGroup } from '@cloudscape-design/components'
import { payments, type PaymentBody } from '../../api/movements'
import { formatMoney } from '../../format'
import type { MovementForm } from '../dialog'
import { Fields, TextField } from '../form'
import { amount, availableHint, owner, referenceOf, type Terms } from './terms'
import { checkPayment, PAYMENT } from './checks'

export function paymentForm(terms: Terms): MovementForm<typeof PAYMENT, PaymentBody> {
  const { wallet } = terms
  return {
    title: 'Pay for an order',
    intro:
      'Pays as much of the order as balance, limits and your maximum allow, by the exchange ratio of the wallet. The order’s refund gives the points back.',
    initial: PAYMENT,
    fields: (form) => (
      <Fields>
        <TextField form={form} field="order.id" label="Order number" />
        <TextField
          form={form}
          field="order.amount"
          label={`Order amount in ${wallet.currency}`}
          number
          description="The whole amount, including any part that is paid already."
        />
        <FormField label="Pay with" description={availableHint(terms)}>
          <RadioGroup
            value={form.values.limit}
            onChange={({ detail }) => form.set({ limit: detail.value, 'paymentLimit.max': '' })}
            items={[
              { value: 'CARD_BALANCE', label: 'All available points' },
              { value: 'POINTS_LIMIT', label: 'At most a number of points' },
              { value: 'AMOUNT_LIMIT', label: 'At most an amount of money' },
            ]}
          />
        </FormField>
        {form.values.limit !== 'CARD_BALANCE' && (
          <TextField
            form={form}
            field="paymentLimit.max"
            label={form.values.limit === 'POINTS_LIMIT' ? `Most ${wallet.pointsName}` : `Most ${wallet.currency}`}
            number
          />
        )}
        <TextField form={form} field="pointsDescription" label="Description" optional />
      </Fields>
    ),
    check: (values) => checkPayment(values, terms),
    command: payments(referenceOf(terms)),
    sentence: ({ done, points, body, preview }) => {
      const money = formatMoney(preview.payment?.amount ?? 0, wallet.currency)
      return `${done ? 'Paid' : 'Pay'} ${money} of order ${body.order.id} with ${amount(terms, points)} of ${owner(terms)}`
    },
  }
}
