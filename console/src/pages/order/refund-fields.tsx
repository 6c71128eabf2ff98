import { FormField, Input, RadioGroup, Select, SpaceBetween } from '@cloudscape-design/components'
import { formatMoney } from '../../format'
import type { Line } from './order-tables'
import { typedAmount, type Extent, type RefundForm } from './refund-body'

interface RefundFieldsProps {
  form: RefundForm
  onChange: (form: RefundForm) => void
  lines: readonly Line[]
  currency: string
  /** What is left of the order's amount, in minor units; null if the amount is unknown. */
  left: number | null
}

export function RefundFields({ form, onChange, lines, currency, left }: RefundFieldsProps) {
  const change = (part: Partial<RefundForm>) => onChange({ ...form, ...part })
  const typed = typedAmount(form, currency, left)
  return (
    <SpaceBetween size="m">
      <FormField label="What is refunded">
        <RadioGroup
          value={form.extent}
          onChange={({ detail }) => change({ extent: detail.value as Extent })}
          items={[
            { value: 'FULL', label: 'All that is left' },
            {
              value: 'AMOUNT',
              label: 'An amount',
              disabled: left === null,
              description: left === null ? 'The amount of the order is unknown.' : undefined,
            },
            { value: 'ITEMS', label: 'Returned items', disabled: lines.length === 0 },
          ]}
        />
      </FormField>
      {form.extent === 'AMOUNT' && (
        <FormField
          label={`Amount in ${currency}`}
          description="The gross value, including the part that was paid with points."
          errorText={form.amount !== '' && 'error' in typed && typed.error}
        >
          <Input value={form.amount} inputMode="decimal" onChange={({ detail }) => change({ amount: detail.value })} />
        </FormField>
      )}
      {form.extent === 'ITEMS' &&
        lines.map((line) => (
          <FormField
            key={line.id}
            label={`Returned of ${line.productId}`}
            description={`${formatMoney(line.amount, currency)} for ${line.quantity}; ${line.refunded} refunded so far.`}
          >
            <Quantity
              value={form.quantities[line.id] ?? 0}
              max={line.quantity - line.refunded}
              onChange={(quantity) => change({ quantities: { ...form.quantities, [line.id]: quantity } })}
            />
          </FormField>
        ))}
      <FormField label="Reason" description="It is kept with the transactions.">
        <Input value={form.reason} onChange={({ detail }) => change({ reason: detail.value })} />
      </FormField>
    </SpaceBetween>
  )
}

const CHOICES_MAX = 50

/** A quantity from 0 to `max`: a list for the usual small orders, a number for large ones. */
function Quantity({ value, max, onChange }: { value: number; max: number; onChange: (quantity: number) => void }) {
  if (max > CHOICES_MAX) {
    return (
      <Input
        type="number"
        value={String(value)}
        onChange={({ detail }) => onChange(Math.min(max, Math.max(0, Math.trunc(Number(detail.value) || 0))))}
      />
    )
  }
  const options = Array.from({ length: max + 1 }, (_, quantity) => ({
    value: String(quantity),
    label: String(quantity),
  }))
  return (
    <Select
      disabled={max === 0}
      selectedOption={options[value] ?? options[0] ?? null}
      options={options}
      onChange={({ detail }) => onChange(Number(detail.selectedOption.value))}
    />
  )
}
