import { Box, Header, KeyValuePairs, Link, SpaceBetween } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import type { Card } from '../../api/cards'
import { useCustomer, type Customer } from '../../api/customers'
import { Problem } from '../../api/problems'
import { count } from '../../format'
import { Copyable } from '../../parts/copyable'
import { Moment } from '../../parts/moment'
import { Read } from '../../parts/page'
import { to } from '../../routing'
import { channel } from '../../words/en'

/** The customer's profile, and the data about the card. The API shows neither contacts nor signals. */
export function Profile({ card }: { card: Card }) {
  const customer = useCustomer(card.customerId)
  const unknown = customer.error instanceof Problem && customer.error.status === 404
  return (
    <SpaceBetween size="l">
      {unknown ? (
        <Box>This customer has no profile. The shop makes profiles over the API.</Box>
      ) : (
        <Read query={customer}>{({ data }) => <ProfileFacts customer={data} />}</Read>
      )}
      <Metadata title="Metadata of the card" metadata={card.metadata} />
    </SpaceBetween>
  )
}

function ProfileFacts({ customer }: { customer: Customer }) {
  return (
    <SpaceBetween size="l">
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Segments', value: customer.segments.join(', ') || 'None' },
          { label: 'Orders', value: ordersOf(customer) },
          { label: 'Birthday', value: customer.birthday ?? '–' },
          { label: 'Language', value: customer.locale ?? '–' },
          { label: 'Time zone', value: customer.timeZone ?? 'The project’s' },
          { label: 'No messages by', value: customer.unsubscribed.map((name) => channel[name]).join(', ') || 'None' },
          {
            label: 'Referral code',
            value: customer.referralCode ? <Copyable text={customer.referralCode} what="referral code" /> : 'None',
          },
          {
            label: 'Referred by',
            value: customer.referredBy ? (
              <Link href={`#${to.customer(customer.referredBy)}`}>{customer.referredBy}</Link>
            ) : (
              'No customer'
            ),
          },
          { label: 'Profile since', value: customer.createdAt ? <Moment at={customer.createdAt} /> : '–' },
        ]}
      />
      <Metadata title="Metadata of the customer" metadata={customer.metadata} />
    </SpaceBetween>
  )
}

function ordersOf({ orderCount, importedOrderCount }: Customer): string {
  const imported = importedOrderCount > 0 ? `, ${importedOrderCount} of them imported` : ''
  return count(orderCount, 'order') + imported
}

function Metadata({ title, metadata }: { title: string; metadata: Readonly<Record<string, unknown>> | null }) {
  const entries = Object.entries(metadata ?? {})
  return (
    <div>
      <Header variant="h3">{title}</Header>
      {entries.length === 0 ? (
        <Box>None.</Box>
      ) : (
        <KeyValuePairs columns={4} items={entries.map(([label, value]) => ({ label, value: textOf(value) }))} />
      )}
    </div>
  )
}

function textOf(value: unknown): ReactNode {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
