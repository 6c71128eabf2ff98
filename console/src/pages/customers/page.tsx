import { Alert, Box, Header, Link, Select, SpaceBetween, Table } from '@cloudscape-design/components'
import { Redirect } from 'wouter'
import { useSearch, type SearchResult } from '../../api/search'
import { nameOfWallet, useWallets, type Wallet } from '../../api/wallets'
import { Page, Read } from '../../parts/page'
import { href, to, useHashQuery } from '../../routing'
import { resultKind } from '../../words/en'
import { Customers } from '../wallet/customers'
import { locationOf, onlyLocation } from './result-locations'

/** Only such texts can be the beginning of a customer's id. */
const CUSTOMER_ID = /^[A-Za-z0-9._~@+:-]{1,128}$/

/** What the search finds: one match leads to its page at once, several are listed. Customers are also found in a wallet. */
export default function CustomersPage() {
  const [query] = useHashQuery()
  const sought = (query.q ?? '').trim()
  return (
    <Page
      title="Customers"
      description="The search above finds whole ids: a customer, an order number, the code of a card, a transaction."
    >
      {sought ? (
        <Results key={sought} sought={sought} />
      ) : (
        <>
          {query.none && <NoMatch sought={query.none} />}
          <CustomersOfWallet />
        </>
      )}
    </Page>
  )
}

function Results({ sought }: { sought: string }) {
  const results = useSearch(sought)
  return (
    <Read query={results}>
      {(found) => {
        const only = onlyLocation(found)
        if (only) return <Redirect to={only} replace />
        if (found.length > 0) return <Matches sought={sought} matches={found} />
        const prefix = CUSTOMER_ID.test(sought) ? sought : undefined
        return <Redirect to={href(to.customers(), { none: sought, prefix })} replace />
      }}
    </Read>
  )
}

function Matches({ sought, matches }: { sought: string; matches: SearchResult[] }) {
  const wallets = useWallets()
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${matches.length})`}>
          Matches of “{sought}”
        </Header>
      }
      items={matches}
      columnDefinitions={[
        {
          id: 'label',
          header: 'Match',
          isRowHeader: true,
          cell: (match) => <Link href={`#${locationOf(match)}`}>{match.label || match.id}</Link>,
        },
        { id: 'kind', header: 'Kind', cell: (match) => resultKind[match.kind] },
        { id: 'customer', header: 'Customer', cell: (match) => match.customerId ?? '–' },
        {
          id: 'wallet',
          header: 'Wallet',
          cell: (match) => (match.walletId ? nameOfWallet(match.walletId, wallets.data ?? []) : '–'),
        },
      ]}
    />
  )
}

function NoMatch({ sought }: { sought: string }) {
  return (
    <Alert type="info" header={`No match for the id “${sought}”`}>
      An order or a transaction of the last seconds may be missing. Look for a customer whose id begins with a text, or
      enrol a new customer.
    </Alert>
  )
}

/** Finds customers of a wallet by the beginning of their ids. */
function CustomersOfWallet() {
  const [query, change] = useHashQuery()
  const wallets = useWallets()
  return (
    <Read query={wallets}>
      {(all) => {
        const opened = all.filter(hasCards)
        const wallet = opened.find(({ walletId }) => walletId === query.wallet) ?? opened[0]
        if (!wallet) return <Box>Customers get cards in active wallets, and no wallet is active yet.</Box>
        const options = opened.map(({ walletId, name }) => ({ value: walletId, label: name }))
        return (
          <SpaceBetween size="l">
            <Select
              ariaLabel="Wallet"
              inlineLabelText="Wallet"
              options={options}
              selectedOption={options.find(({ value }) => value === wallet.walletId) ?? null}
              onChange={({ detail }) => change({ wallet: detail.selectedOption.value })}
            />
            <Customers key={wallet.walletId} wallet={wallet} />
          </SpaceBetween>
        )
      }}
    </Read>
  )
}

function hasCards({ status }: Wallet): boolean {
  return status === 'ACTIVE' || status === 'INACTIVE'
}
