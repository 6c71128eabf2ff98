import { Redirect, useParams } from 'wouter'
import { useTransaction } from '../../api/transactions'
import { Page, Read } from '../../parts/page'
import { href, idOf, segment, to } from '../../routing'

/** Leads to the transaction's card, where the transaction is explained. */
export default function TransactionPage() {
  const transactionId = idOf(useParams<{ id: string }>().id)
  const transaction = useTransaction(transactionId)
  return (
    <Page title={`Transaction ${transactionId}`} path={[{ text: 'Customers', href: to.customers() }]}>
      <Read query={transaction}>
        {({ customerId, walletId }) => (
          <Redirect
            to={href(`/customers/${segment(customerId)}`, { wallet: walletId, explain: transactionId })}
            replace
          />
        )}
      </Read>
    </Page>
  )
}
