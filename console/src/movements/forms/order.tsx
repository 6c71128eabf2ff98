import { ExpandableSection, SpaceBetween } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import { TextField, type Form } from '../form'
import type { OrderValues } from './order-values'

/** The order and other fields that are rarely needed. */
export function OrderFields<Shape extends OrderValues>(props: {
  form: Form<Shape>
  currency: string
  header: string
  /** The fields below those of the order. */
  fields?: readonly string[]
  children?: ReactNode
}) {
  // The generic form has at least the fields of an order.
  const form = props.form as unknown as Form<OrderValues>
  const wrong = ['orderId', 'order.amount', ...(props.fields ?? [])].some((field) => field in form.errors)
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
