import { Box, Container, Header, KeyValuePairs, Link, SpaceBetween } from '@cloudscape-design/components'
import { useState } from 'react'
import { useCustomerOrder, useCustomersOfOrder, type CustomerOrder } from '../../api/orders'
import { useWallets } from '../../api/wallets'
import { count, formatMoney } from '../../format'
import { Moment } from '../../parts/moment'
import { Page, Read } from '../../parts/page'
import { idOf, to, useHashQuery } from '../../routing'
import { Allowed } from '../../session/session'
import { isRefundable, leftToRefund, OrderLines, OrderWallets } from './order-tables'
import { OrderRows } from './order-rows'
import { RefundSection } from './refund-section'

export default function OrderPage({ params }: { params: { orderId: string } }) {
  const orderId = idOf(params.orderId)
  const [{ customer }] = useHashQuery()
  return customer ? (
    <OrderOfCustomer key={`${customer} ${orderId}`} customerId={customer} orderId={orderId} />
  ) : (
    <CustomersOfOrder orderId={orderId} />
  )
}

/** Asks whose order it is: two shops or customers may use the same number. */
function CustomersOfOrder({ orderId }: { orderId: string }) {
  const customers = useCustomersOfOrder(orderId)
  const [only] = customers.data?.length === 1 ? customers.data : []
  if (only) return <OrderOfCustomer customerId={only.customerId} orderId={orderId} />
  return (
    <Page title={`Order ${orderId}`} path={[{ text: 'Customers', href: to.customers() }]}>
      <Read query={customers}>
        {(found) =>
          found.length === 0 ? (
            <Box>No customer has points of this order. An order of the last seconds may not be listed yet.</Box>
          ) : (
            <Container header={<Header variant="h2">Several customers have points of this order</Header>}>
              <ul>
                {found.map(({ customerId, firstAt }) => (
                  <li key={customerId}>
                    <Link href={`#${to.order(orderId, customerId)}`}>{customerId}</Link>, since <Moment at={firstAt} />
                  </li>
                ))}
              </ul>
            </Container>
          )
        }
      </Read>
    </Page>
  )
}

function OrderOfCustomer({ customerId, orderId }: { customerId: string; orderId: string }) {
  const order = useCustomerOrder(customerId, orderId)
  return (
    <Page
      title={`Order ${orderId}`}
      description={
        <>
          Customer <Link href={`#${to.customer(customerId)}`}>{customerId}</Link>
        </>
      }
      path={[
        { text: 'Customers', href: to.customers() },
        { text: customerId, href: to.customer(customerId) },
      ]}
      help={
        <p>
          A refund applies to all wallets of the customer at once; frozen and closed cards are left out. It takes back
          points that the order earned and gives back points that were spent on it, as the settings of each wallet
          decide. What is left to pay back in money is the amount less the part that was paid with points.
        </p>
      }
    >
      <Read query={order}>{(found) => <Order order={found} />}</Read>
    </Page>
  )
}

function Order({ order }: { order: CustomerOrder }) {
  const wallets = useWallets()
  // A refund that is done changes what is left, so the next refund starts with an empty form and a new key.
  const [refunds, setRefunds] = useState(0)
  return (
    <SpaceBetween size="l">
      {order.order && (
        <Container>
          <KeyValuePairs
            columns={4}
            items={[
              { label: 'Amount', value: formatMoney(order.order.amount, order.order.currency) },
              { label: 'Left to refund', value: formatMoney(leftToRefund(order) ?? 0, order.order.currency) },
              { label: 'Lines', value: count(order.order.items.length, 'line') },
              { label: 'Charges', value: count(order.order.charges.length, 'charge') },
            ]}
          />
        </Container>
      )}
      <OrderWallets order={order} wallets={wallets.data ?? []} />
      {order.order && <OrderLines order={order} />}
      <Allowed scope="points:refund">
        <RefundSection
          key={refunds}
          order={order}
          wallets={wallets.data ?? []}
          refundable={isRefundable(order)}
          isFirst={refunds === 0}
          onNext={() => setRefunds(refunds + 1)}
        />
      </Allowed>
      <OrderRows order={order} wallets={wallets.data ?? []} />
    </SpaceBetween>
  )
}
