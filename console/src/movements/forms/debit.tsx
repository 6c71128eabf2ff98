import { debits, type DebitBody } from '../../api/movements'
import type { MovementForm } from '../dialog'
import { Fields, Flag, TextField } from '../form'
import { OrderFields } from './order'
import { NO_ORDER, readOrder } from './order-values'
import { amount, availableHint, maxHint, owner, pointsLabel, Reading, referenceOf, type Terms } from './terms'

const INITIAL = { points: '', pointsDescription: '', allowPartial: false, ...NO_ORDER }

export function debitForm(terms: Terms): MovementForm<typeof INITIAL, DebitBody> {
  const { wallet } = terms
  return {
    title: 'Debit points',
    intro:
      'Spends points as a purchase does: spending limits apply, and the points count as spent. To remove points that the customer should not have, use Adjust, or reverse their credit.',
    initial: INITIAL,
    fields: (form) => (
      <Fields>
        <TextField
          form={form}
          field="points"
          label={pointsLabel(terms)}
          number
          description={availableHint(terms)}
          constraint={maxHint(terms)}
        />
        <TextField form={form} field="pointsDescription" label="Description" description="The customer may read it." />
        <Flag
          form={form}
          field="allowPartial"
          label="Take fewer points if limits or the balance do not allow all"
          description="Otherwise such a debit is refused."
        />
        <OrderFields form={form} currency={wallet.currency} header="Order" />
      </Fields>
    ),
    check: (values) => {
      const read = new Reading(terms)
      return read.checked<DebitBody>({
        points: read.points('points', values.points),
        source: 'Manual',
        pointsDescription: read.text('pointsDescription', values.pointsDescription, 'Enter what the points are for.'),
        allowPartial: values.allowPartial,
        ...readOrder(read, values),
      })
    },
    command: debits(referenceOf(terms)),
    sentence: ({ done, points }) => `${done ? 'Debited' : 'Debit'} ${amount(terms, points)} from ${owner(terms)}`,
  }
}
