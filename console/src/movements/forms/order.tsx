import { ExpandableSection, SpaceBetween } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import { TextField, type Form } from '../form'
import type { Reading } from './terms'

/** The order that a movement may belong to. */
export type OrderValues = Readonly<{ orderId: string; 'order.amount': string }>

export const NO_ORDER: OrderValues = { orderId: '', 'order.amount': '' }

/** The order and other fields that are rarely needed. */
export function OrderFields<Shape extends OrderValues>(props: {
  form: Form<Shape>
  currency: string
  header: string
  children?: ReactNode
}) {
  // The generic form has at least the fields of an order.
  const form = props.form as unknown as Form<OrderValues>
  const wrong = ['orderId', 'order.amount'].some((field) => field in form.errors)
  return (
    <ExpandableSection headerText={props.header} {...(wrong ? { expanded: true } : {})}>
      <SpaceBetween size="l">
        <TextField
          form={form}
          field="orderId"
          label="Order number"
          optional
          description="Points of an order are undone by its refund, and cannot be reversed."
        />
        <TextField
          form={form}
          field="order.amount"
          label={`Order amount in ${props.currency}`}
          optional
          number
          description="The whole amount, as the customer sees it."
        />
        {props.children}
      </SpaceBetween>
    </ExpandableSection>
  )
}

/** The order as the body of a request takes it. */
export function readOrder(read: Reading, values: OrderValues): { orderId?: string; order?: { amount: number } } {
  if (values.orderId.trim() === '') {
    if (values['order.amount'].trim() !== '') read.text('orderId', '', 'Enter the number of the order.')
    return {}
  }
  const orderId = read.text('orderId', values.orderId, '')
  if (values['order.amount'].trim() === '') return { orderId }
  return { orderId, order: { amount: read.money('order.amount', values['order.amount']) } }
}
