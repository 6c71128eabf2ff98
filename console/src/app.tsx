import { Box, Spinner } from '@cloudscape-design/components'
import { lazy, Suspense } from 'react'
import { Redirect, Route, Router, Switch } from 'wouter'
import { isRefusalOfKey } from './api/problems'
import { Page } from './parts/page'
import { ProblemAlert } from './parts/problem-alert'
import { to, useHashPath, useHashSearch } from './routing'
import { SessionProvider, useSessionQuery, useToken } from './session/session'
import { SignIn } from './session/sign-in'
import { Boundary, FailedPage } from './shell/boundary'
import { Frame } from './shell/frame'

const OrderPage = lazy(() => import('./pages/order/page'))
const CustomerPage = lazy(() => import('./pages/customer/page'))
const WalletBuilderPage = lazy(() => import('./pages/wallet-builder/page'))
const CustomersPage = lazy(() => import('./pages/customers/page'))
const TransactionPage = lazy(() => import('./pages/transaction/page'))
const WalletsPage = lazy(() => import('./pages/wallets/page'))
const WalletImportPage = lazy(() => import('./pages/wallet-import/page'))
const WalletPage = lazy(() => import('./pages/wallet/page'))

export function App() {
  const held = useToken()
  const session = useSessionQuery()
  if (held === null) return <SignIn />
  if (session.error) {
    if (isRefusalOfKey(session.error)) return <SignIn refused />
    return (
      <main className="sign-in">
        <ProblemAlert problem={session.error} onRetry={() => void session.refetch()} />
      </main>
    )
  }
  if (!session.data) return <Loading />
  return (
    <SessionProvider session={session.data}>
      <Router hook={useHashPath} searchHook={useHashSearch}>
        <Frame>
          <Suspense fallback={<Loading />}>
            <Pages />
          </Suspense>
        </Frame>
      </Router>
    </SessionProvider>
  )
}

function Pages() {
  const [path] = useHashPath()
  return (
    <Boundary of={path} instead={<FailedPage />}>
      <Routes />
    </Boundary>
  )
}

function Routes() {
  return (
    <Switch>
      <Route path="/">
        <Redirect to={to.wallets()} replace />
      </Route>
      <Route path="/customers" component={CustomersPage} />
      <Route path="/customers/:id" component={CustomerPage} />
      <Route path="/transactions/:id" component={TransactionPage} />
      <Route path="/wallets" component={WalletsPage} />
      <Route path="/wallets/import" component={WalletImportPage} />
      <Route path="/wallets/new" component={WalletBuilderPage} />
      <Route path="/wallets/:id" component={WalletPage} />
      <Route path="/orders/:orderId" component={OrderPage} />
      <Route path="/wallets/:walletId/edit" component={WalletBuilderPage} />
      <Route>
        <Page title="Not found">
          <Box>
            There is no such page. <a href={`#${to.wallets()}`}>Wallets</a>
          </Box>
        </Page>
      </Route>
    </Switch>
  )
}

function Loading() {
  return (
    <Box padding="xxl" textAlign="center">
      <Spinner size="large" /> <span role="status">Loading</span>
    </Box>
  )
}
