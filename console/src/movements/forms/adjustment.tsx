import { FormField, RadioGroup } from '@cloudscape-design/components'
import { adjustments, type AdjustmentBody } from '../../api/movements'
import type { MovementForm } from '../dialog'
import { DayField, Fields, Flag, TextField } from '../form'
import { amount, maxHint, owner, pointsLabel, referenceOf, type Terms } from './terms'
import { checkAdjustment, ADJUSTMENT } from './checks'

export function adjustmentForm(terms: Terms): MovementForm<typeof ADJUSTMENT, AdjustmentBody> {
  const { wallet } = terms
  return {
    title: 'Adjust the balance',
    intro:
      'Corrects a balance: limits do not apply, and added points are active at once. For points as a purchase earns or spends them, use Credit or Debit. To undo one transaction, reverse it.',
    initial: ADJUSTMENT,
    fields: (form) => (
      <Fields>
        <FormField label="Direction">
          <RadioGroup
            value={form.values.direction}
            onChange={({ detail }) => form.set({ direction: detail.value })}
            items={[
              { value: 'add', label: 'Add points' },
              { value: 'remove', label: 'Remove points' },
            ]}
          />
        </FormField>
        <TextField form={form} field="points" label={pointsLabel(terms)} number constraint={maxHint(terms)} />
        <TextField form={form} field="reason" label="Reason" placeholder="Credited twice" />
        <Flag
          form={form}
          field="qualifying"
          label="Qualifying: the points count as earned or spent"
          description="Then limits apply, and added points count for tiers."
        />
        {form.values.direction === 'add' && !wallet.allowNegativeBalance && (
          <DayField
            form={form}
            field="expiresAt"
            label="Last usable day"
            optional
            description="Without a day, the wallet’s settings decide."
          />
        )}
      </Fields>
    ),
    check: (values) => checkAdjustment(values, terms),
    command: adjustments(referenceOf(terms)),
    sentence: ({ done, points, body }) =>
      body.points > 0
        ? `${done ? 'Added' : 'Add'} ${amount(terms, points)} to ${owner(terms)}`
        : `${done ? 'Removed' : 'Remove'} ${amount(terms, points)} from ${owner(terms)}`,
  }
}
