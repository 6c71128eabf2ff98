import type { CreditBody } from '../../api/movements'
import { credits } from '../../api/movements'
import type { MovementForm } from '../dialog'
import { DayField, Fields, TextField } from '../form'
import { OrderFields } from './order'
import { amount, maxHint, owner, pointsLabel, referenceOf, type Terms } from './terms'
import { checkCredit, CREDIT } from './checks'

const DATES = ['activatesAt', 'expiresAt']

export function creditForm(terms: Terms): MovementForm<typeof CREDIT, CreditBody> {
  const { wallet } = terms
  return {
    title: 'Credit points',
    intro:
      'Gives points as a purchase does: earning limits apply, and the wallet’s settings decide when the points become active and when they expire. To correct a balance without limits, use Adjust.',
    initial: CREDIT,
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
        <OrderFields form={form} currency={wallet.currency} header="Order and dates" fields={DATES}>
          <DayField form={form} field="activatesAt" label="First usable day" optional />
          {!wallet.allowNegativeBalance && <DayField form={form} field="expiresAt" label="Last usable day" optional />}
        </OrderFields>
      </Fields>
    ),
    check: (values) => checkCredit(values, terms),
    command: credits(referenceOf(terms)),
    sentence: ({ done, points }) => `${done ? 'Credited' : 'Credit'} ${amount(terms, points)} to ${owner(terms)}`,
  }
}
