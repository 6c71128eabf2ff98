import { FormField, Input, Select, SpaceBetween } from '@cloudscape-design/components'
import type { OpenHold } from '../../api/cards'
import { captures, holds, releases, type CaptureBody, type HoldBody } from '../../api/movements'
import { readWhole } from '../amounts'
import type { MovementForm } from '../dialog'
import { Fields, Flag, TextField } from '../form'
import { OrderFields } from './order'
import { NO_ORDER, readOrder } from './order-values'
import { amount, availableHint, owner, pointsLabel, Reading, referenceOf, type Terms } from './terms'

type HoldUnit = NonNullable<HoldBody['expiresAfter']>['unit']

/** The longest hold is 31 days. */
const UNITS: readonly { value: HoldUnit; label: string; max: number }[] = [
  { value: 'MINUTE', label: 'minutes', max: 44_640 },
  { value: 'HOUR', label: 'hours', max: 744 },
  { value: 'DAY', label: 'days', max: 31 },
]

const HOLD = { points: '', pointsDescription: '', 'expiresAfter.every': '15', unit: 'MINUTE', ...NO_ORDER }

export function holdForm(terms: Terms): MovementForm<typeof HOLD, HoldBody> {
  const { wallet } = terms
  return {
    title: 'Hold points',
    intro:
      'Reserves points for something that is not complete, such as an order by telephone. Capture the hold to spend the points, or release it. Points that are still held at its end are released.',
    initial: HOLD,
    fields: (form) => (
      <Fields>
        <TextField form={form} field="points" label={pointsLabel(terms)} number description={availableHint(terms)} />
        <FormField label="Held for" constraintText="At most 31 days." errorText={form.errors['expiresAfter.every']}>
          <SpaceBetween direction="horizontal" size="xs">
            <Input
              value={form.values['expiresAfter.every']}
              onChange={({ detail }) => form.set({ 'expiresAfter.every': detail.value })}
              inputMode="numeric"
              ariaLabel="Held for"
            />
            <Select
              selectedOption={UNITS.find(({ value }) => value === form.values.unit) ?? null}
              options={UNITS}
              onChange={({ detail }) => form.set({ unit: detail.selectedOption.value ?? 'MINUTE' })}
              ariaLabel="Unit"
            />
          </SpaceBetween>
        </FormField>
        <TextField form={form} field="pointsDescription" label="Description" description="The customer may read it." />
        <OrderFields form={form} currency={wallet.currency} header="Order" />
      </Fields>
    ),
    check: (values) => {
      const read = new Reading(terms)
      const unit = UNITS.find(({ value }) => value === values.unit) ?? UNITS[0]
      return read.checked<HoldBody>({
        points: read.points('points', values.points),
        source: 'Manual',
        pointsDescription: read.text('pointsDescription', values.pointsDescription, 'Enter what the hold is for.'),
        expiresAfter: {
          every: read.number('expiresAfter.every', readWhole(values['expiresAfter.every'], unit?.max ?? 1)),
          unit: unit?.value ?? 'MINUTE',
        },
        ...readOrder(read, values),
      })
    },
    command: holds(referenceOf(terms)),
    sentence: ({ done, points }) => `${done ? 'Held' : 'Hold'} ${amount(terms, points)} of ${owner(terms)}`,
  }
}

const CAPTURE = { points: '', final: true }

export function captureForm(terms: Terms, hold: OpenHold): MovementForm<typeof CAPTURE, CaptureBody> {
  return {
    title: 'Capture a hold',
    intro: `Spends held points. The hold has ${amount(terms, hold.points)}.`,
    initial: CAPTURE,
    fields: (form) => (
      <Fields>
        <TextField
          form={form}
          field="points"
          label={pointsLabel(terms)}
          number
          optional
          description="Without a number, all held points are captured."
        />
        <Flag
          form={form}
          field="final"
          label="Release the other points of the hold"
          description="Otherwise they stay held until the hold ends."
        />
      </Fields>
    ),
    check: (values) => {
      const read = new Reading(terms)
      const points = values.points.trim() === '' ? {} : { points: read.points('points', values.points) }
      return read.checked<CaptureBody>({ ...points, final: values.final })
    },
    command: captures(referenceOf(terms), hold.holdId),
    sentence: ({ done, points }) => `${done ? 'Captured' : 'Capture'} ${amount(terms, points)} held of ${owner(terms)}`,
  }
}

export function releaseForm(terms: Terms, hold: OpenHold): MovementForm<Record<never, string>, object> {
  return {
    title: 'Release a hold',
    intro: `Makes the ${amount(terms, hold.points)} of the hold available again. Points past their last usable day expire.`,
    initial: {},
    fields: () => null,
    check: () => ({ body: {} }),
    command: releases(referenceOf(terms), hold.holdId),
    sentence: ({ done, points }) => `${done ? 'Released' : 'Release'} ${amount(terms, points)} held of ${owner(terms)}`,
  }
}
