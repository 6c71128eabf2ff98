import { FormField, RadioGroup } from '@cloudscape-design/components'
import type { Lot } from '../../api/cards'
import { expiryChanges, type ExpiryChangeBody } from '../../api/movements'
import { formatUntil } from '../../format'
import type { MovementForm } from '../dialog'
import { DayField, Fields, TextField } from '../form'
import { amount, maxHint, owner, pointsLabel, referenceOf, type Terms } from './terms'
import { checkExpiry, EXPIRY } from './checks'

/** Gives one lot another expiry, or all active lots. */
export function expiryForm(terms: Terms, lot?: Lot): MovementForm<typeof EXPIRY, ExpiryChangeBody> {
  const { wallet, card, zone } = terms
  const until = lot?.expiresAt ? `usable until ${formatUntil(lot.expiresAt, zone)}` : 'usable without an end'
  return {
    title: 'Change the expiry',
    intro: lot
      ? `Gives ${amount(terms, lot.points)}, ${until}, another last day. The new day does not slide.`
      : `Gives all active points, ${amount(terms, card.balance.active)}, the same last day. The new day does not slide.`,
    initial: EXPIRY,
    fields: (form) => (
      <Fields>
        <FormField label="Usable">
          <RadioGroup
            value={form.values.expires}
            onChange={({ detail }) => form.set({ expires: detail.value })}
            items={[
              {
                value: 'day',
                label: 'Until a last day',
                disabled: wallet.allowNegativeBalance,
                description: wallet.allowNegativeBalance
                  ? 'Points of a wallet that allows negative balances never expire.'
                  : undefined,
              },
              { value: 'never', label: 'Without an end' },
            ]}
          />
        </FormField>
        {form.values.expires === 'day' && <DayField form={form} field="expiresAt" label="Last usable day" />}
        {lot && (
          <TextField
            form={form}
            field="points"
            label={pointsLabel(terms)}
            number
            optional
            description="Without a number, all points of the lot get the new day."
            constraint={maxHint(terms)}
          />
        )}
        <TextField form={form} field="reason" label="Reason" />
      </Fields>
    ),
    check: (values) => checkExpiry(values, terms, lot),
    command: expiryChanges(referenceOf(terms)),
    sentence: ({ done, body, preview }) => {
      const points = preview.lots.reduce((sum, moved) => sum + moved.points, 0)
      const end = body.expiresAt ? formatUntil(body.expiresAt, zone) : 'no end'
      return `${done ? 'Changed' : 'Change'} the expiry of ${amount(terms, points)} of ${owner(terms)} to ${end}`
    },
  }
}
