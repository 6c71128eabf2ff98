import { reversals, type ReversalBody } from '../../api/movements'
import { transactionKeys, type Transaction } from '../../api/transactions'
import type { MovementForm } from '../dialog'
import { TextField } from '../form'
import { amount, maxHint, owner, Reading, type Terms } from './terms'

const INITIAL = { reason: '' }

export function reversalForm(
  terms: Terms,
  row: Transaction,
  noteReversed: (transactionId: string) => void,
): MovementForm<typeof INITIAL, ReversalBody> {
  const credits = row.type === 'CREDIT'
  const what = `${credits ? 'credit' : 'debit'} of ${amount(terms, row.points)}`
  return {
    title: 'Reverse a transaction',
    intro: credits
      ? `Takes back the ${what}, as far as the points are still there. It can be done once, and not undone.`
      : `Gives back the ${what}, with the dates that the points had. It can be done once, and not undone.`,
    initial: INITIAL,
    fields: (form) => (
      <TextField
        form={form}
        field="reason"
        label="Reason"
        optional
        constraint={maxHint(terms)}
        placeholder="Credited to the wrong customer"
      />
    ),
    check: (values) => {
      const read = new Reading(terms)
      return read.checked<ReversalBody>({ reason: read.optionalText('reason', values.reason) })
    },
    command: reversals(row.transactionId, noteReversed),
    sentence: ({ done, points }) =>
      credits
        ? `${done ? 'Took' : 'Take'} ${amount(terms, points)} back from ${owner(terms)}`
        : `${done ? 'Gave' : 'Give'} ${amount(terms, points)} back to ${owner(terms)}`,
    changes: [transactionKeys.one(row.transactionId), transactionKeys.explanation(row.transactionId)],
  }
}
