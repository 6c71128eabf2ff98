import type { CreditBody } from '../../api/movements'
import { credits } from '../../api/movements'
import type { MovementForm } from '../dialog'
import { startOfDay } from '../../days'
import { DayField, Fields, TextField } from '../form'
import { NO_ORDER, OrderFields, readOrder } from './order'
import { amount, maxHint, owner, pointsLabel, Reading, referenceOf, type Terms } from './terms'

const INITIAL = { points: '', pointsDescription: '', firstDay: '', lastDay: '', ...NO_ORDER }

export function checkCredit(values: typeof INITIAL, terms: Terms) {
  const read = new Reading(terms)
  const body: CreditBody = {
    points: read.points('points', values.points),
    source: 'Manual',
    pointsDescription: read.text('pointsDescription', values.pointsDescription, 'Say what the points are for.'),
    ...readOrder(read, values),
    ...(values.firstDay === '' ? {} : { activatesAt: startOfDay(values.firstDay, terms.zone) }),
    ...(values.lastDay === '' ? {} : { expiresAt: read.expiry('expiresAt', values.lastDay) }),
  }
  return read.checked(body)
}

export function creditForm(terms: Terms): MovementForm<typeof INITIAL, CreditBody> {
  const { wallet } = terms
  return {
    title: 'Credit points',
    intro:
      'Gives points as a purchase does: earning limits apply, and the wallet’s settings decide when the points become active and when they expire. To correct a balance without limits, use Adjust.',
    initial: INITIAL,
    fields: (form) => (
      <Fields>
        <TextField form={form} field="points" label={pointsLabel(terms)} number constraint={maxHint(terms)} />
        <TextField
          form={form}
          field="pointsDescription"
          label="Description"
          description="The customer may read it."
          placeholder="Apology for a late parcel"
        />
        <OrderFields form={form} currency={wallet.currency} header="Order and dates">
          <DayField form={form} field="firstDay" label="First usable day" optional />
          {!wallet.allowNegativeBalance && <DayField form={form} field="lastDay" label="Last usable day" optional />}
        </OrderFields>
      </Fields>
    ),
    check: (values) => checkCredit(values, terms),
    command: credits(referenceOf(terms)),
    sentence: ({ done, points }) => `${done ? 'Credited' : 'Credit'} ${amount(terms, points)} to ${owner(terms)}`,
  }
}
