import { FormField, RadioGroup } from '@cloudscape-design/components'
import { pendingCommands, type PendingBody } from '../../api/movements'
import type { Transaction } from '../../api/transactions'
import type { MovementForm } from '../dialog'
import { Fields, TextField } from '../form'
import { amount, owner, Reading, referenceOf, type Terms } from './terms'

const INITIAL = { by: 'orderId', orderId: '', transactionId: '', reason: '' }

/** Activates or cancels the pending points of an order, or of one credit. */
export function pendingForm(
  terms: Terms,
  action: 'activate' | 'cancel',
  row?: Transaction,
): MovementForm<typeof INITIAL, PendingBody> {
  const activates = action === 'activate'
  const verb = activates ? ['Activate', 'Activated'] : ['Cancel', 'Canceled']
  return {
    title: activates ? 'Activate pending points now' : 'Cancel pending points',
    intro: activates
      ? 'Makes pending points usable before their date. Expiries that were promised stay.'
      : 'Takes pending points away before they become active. The customer loses them.',
    initial: INITIAL,
    fields: (form) => (
      <Fields>
        {!row && (
          <Fields>
            <FormField label="Which points">
              <RadioGroup
                value={form.values.by}
                onChange={({ detail }) => form.set({ by: detail.value })}
                items={[
                  { value: 'orderId', label: 'The pending points of an order' },
                  { value: 'transactionId', label: 'The pending points of one credit' },
                ]}
              />
            </FormField>
            {form.values.by === 'orderId' ? (
              <TextField form={form} field="orderId" label="Order number" />
            ) : (
              <TextField
                form={form}
                field="transactionId"
                label="Transaction"
                description="The id of the credit, from the timeline."
              />
            )}
          </Fields>
        )}
        <TextField form={form} field="reason" label="Reason" />
      </Fields>
    ),
    check: (values) => {
      const read = new Reading(terms)
      const reason = read.text('reason', values.reason, 'Enter the reason. It stays on the transaction.')
      if (row) return read.checked<PendingBody>({ transactionId: row.transactionId, reason })
      if (values.by === 'orderId') {
        const orderId = read.text('orderId', values.orderId, 'Enter the number of the order.')
        return read.checked<PendingBody>({ orderId, reason })
      }
      const transactionId = read.text('transactionId', values.transactionId, 'Enter the id of the credit.')
      return read.checked<PendingBody>({ transactionId, reason })
    },
    command: pendingCommands(referenceOf(terms), action),
    sentence: ({ done, points }) => `${verb[done ? 1 : 0]} ${amount(terms, points)} pending of ${owner(terms)}`,
  }
}
