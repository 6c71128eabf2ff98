import { transfers, type TransferBody } from '../../api/movements'
import type { MovementForm } from '../dialog'
import { Fields, TextField } from '../form'
import { amount, availableHint, pointsLabel, Reading, referenceOf, type Terms } from './terms'

const INITIAL = { toCustomerId: '', points: '', pointsDescription: '' }

export function transferForm(terms: Terms): MovementForm<typeof INITIAL, TransferBody> {
  const { wallet, card } = terms
  return {
    title: 'Transfer points',
    intro:
      'Gives points to another customer of this wallet. The points keep their dates, which no longer slide. A transfer cannot be reversed; the recipient can transfer the points back.',
    initial: INITIAL,
    fields: (form) => (
      <Fields>
        <TextField form={form} field="toCustomerId" label="Recipient" description="The id of the other customer." />
        <TextField form={form} field="points" label={pointsLabel(terms)} number description={availableHint(terms)} />
        <TextField
          form={form}
          field="pointsDescription"
          label="Description"
          description="Both customers may read it."
        />
      </Fields>
    ),
    check: (values) => {
      const read = new Reading(terms)
      return read.checked<TransferBody>({
        toCustomerId: read.text('toCustomerId', values.toCustomerId, 'Enter the id of the recipient.'),
        points: read.points('points', values.points),
        source: 'Manual',
        pointsDescription: read.text('pointsDescription', values.pointsDescription, 'Enter what the transfer is for.'),
      })
    },
    command: transfers(referenceOf(terms)),
    sentence: ({ done, points, body }) =>
      `${done ? 'Transferred' : 'Transfer'} ${amount(terms, points)} from ${card.customerId} to ${body.toCustomerId} in ${wallet.name}`,
    // The recipient's card changes, too.
    changes: [['cards'], ['transactions']],
  }
}
