import { Box, Button, Header, KeyValuePairs, Link, SpaceBetween } from '@cloudscape-design/components'
import { lazy, Suspense, type ReactNode } from 'react'
import type { Card } from '../../api/cards'
import { useCustomer, type Customer } from '../../api/customers'
import { Problem } from '../../api/problems'
import { count } from '../../format'
import { Copyable } from '../../parts/copyable'
import { Moment } from '../../parts/moment'
import { Read } from '../../parts/page'
import { to } from '../../routing'
import { Allowed } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { useShell } from '../../shell/shell-context'
import { channel } from '../../words/en'

const SegmentsDialog = lazy(() => import('./segments-dialog'))
const MetadataDialog = lazy(() => import('./metadata-dialog'))

/** The customer's profile, and the data about the card. The API shows neither contacts nor signals. */
export function Profile({ card }: { card: Card }) {
  return (
    <SpaceBetween size="l">
      <Allowed scope="customers:read">
        <ProfileOf customerId={card.customerId} />
      </Allowed>
      <Metadata
        title="Metadata of the card"
        metadata={card.metadata}
        actions={
          <Allowed scope="cards:write">
            <Change text="Change metadata" dialog={(close) => <MetadataDialog card={card} onClose={close} />} />
          </Allowed>
        }
      />
    </SpaceBetween>
  )
}

function ProfileOf({ customerId }: { customerId: string }) {
  const customer = useCustomer(customerId)
  const unknown = customer.error instanceof Problem && customer.error.status === 404
  if (unknown) return <Box>This customer has no profile. The shop makes profiles over the API.</Box>
  return <Read query={customer}>{({ data }) => <ProfileFacts customer={data} />}</Read>
}

/** A button that opens a dialog, which is loaded then. */
function Change({ text, dialog }: { text: string; dialog: (close: () => void) => ReactNode }) {
  const { openDialog } = useShell()
  const online = useOnline()
  return (
    <Button
      onClick={() => openDialog((close) => <Suspense>{dialog(close)}</Suspense>)}
      disabled={!online}
      disabledReason="You are offline."
    >
      {text}
    </Button>
  )
}

function ProfileFacts({ customer }: { customer: Customer }) {
  return (
    <SpaceBetween size="l">
      <Header
        variant="h3"
        actions={
          <Allowed scope="customers:write">
            <Change text="Change segments" dialog={(close) => <SegmentsDialog customer={customer} onClose={close} />} />
          </Allowed>
        }
      >
        Customer
      </Header>
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

interface MetadataProps {
  title: string
  metadata: Readonly<Record<string, unknown>> | null
  actions?: ReactNode
}

function Metadata({ title, metadata, actions }: MetadataProps) {
  const entries = Object.entries(metadata ?? {})
  return (
    <div>
      <Header variant="h3" actions={actions}>
        {title}
      </Header>
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
