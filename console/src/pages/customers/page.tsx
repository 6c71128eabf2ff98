import { Box, Container, Header, Link, SpaceBetween, Table } from '@cloudscape-design/components'
import { Redirect } from 'wouter'
import { useSearch, type SearchResult } from '../../api/search'
import { useWallets, type Wallet } from '../../api/wallets'
import { Page, Read } from '../../parts/page'
import { useHashQuery } from '../../routing'
import { resultKind } from '../../words/en'
import { Enrolment } from './enrolment'
import { PrefixSearch } from './prefix-search'
import { locationOf, onlyLocation } from './result-locations'

/** What the search finds: one match leads to its page at once, several are listed, and without one customers can be found by prefix. */
export default function CustomersPage() {
  const [query] = useHashQuery()
  const sought = (query.q ?? '').trim()
  return (
    <Page
      title="Customers"
      description="Find a customer by the id, an order number, the code of a card or a transaction id."
    >
      {sought === '' ? <BeginningWith prefix="" /> : <Results key={sought} sought={sought} />}
    </Page>
  )
}

function Results({ sought }: { sought: string }) {
  const results = useSearch(sought)
  return (
    <Read query={results}>
      {(found) => {
        const only = onlyLocation(found)
        // A kept answer may be out of date.
        if (only && !results.isFetching) return <Redirect to={only} replace />
        return found.length > 0 ? <Matches sought={sought} matches={found} /> : <NoMatch sought={sought} />
      }}
    </Read>
  )
}

function Matches({ sought, matches }: { sought: string; matches: SearchResult[] }) {
  const wallets = useWallets()
  const nameOf = (walletId: string) => wallets.data?.find((wallet) => wallet.walletId === walletId)?.name ?? walletId
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
        { id: 'wallet', header: 'Wallet', cell: (match) => (match.walletId ? nameOf(match.walletId) : '–') },
      ]}
    />
  )
}

function NoMatch({ sought }: { sought: string }) {
  return (
    <>
      <Container header={<Header variant="h2">No match of “{sought}”</Header>}>
        <Box>
          The search finds whole ids. An order or a transaction of the last seconds may be missing. Below are the
          customers whose ids begin with this text.
        </Box>
      </Container>
      <BeginningWith prefix={sought} />
    </>
  )
}

function BeginningWith({ prefix }: { prefix: string }) {
  const wallets = useWallets()
  return (
    <Read query={wallets}>
      {(all) => {
        const open = all.filter(({ status }) => status === 'ACTIVE' || status === 'INACTIVE')
        return open.length === 0 ? <NoWallets /> : <InWallet wallets={open} prefix={prefix} />
      }}
    </Read>
  )
}

function InWallet({ wallets, prefix }: { wallets: Wallet[]; prefix: string }) {
  return (
    <SpaceBetween size="l">
      <PrefixSearch wallets={wallets} prefix={prefix} />
      <Enrolment wallets={wallets.filter(({ status }) => status === 'ACTIVE')} customerId={prefix} />
    </SpaceBetween>
  )
}

function NoWallets() {
  return <Box>No wallet has customers yet. Customers are enrolled once a wallet is active.</Box>
}
