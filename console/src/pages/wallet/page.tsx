import { Alert, Button, Link, SpaceBetween, Tabs, type TabsProps } from '@cloudscape-design/components'
import { useParams } from 'wouter'
import { useWallet, type Wallet } from '../../api/wallets'
import { Copyable } from '../../parts/copyable'
import { Moment } from '../../parts/moment'
import { Page, Read } from '../../parts/page'
import { editStep, requiredWords, stepName } from '../../parts/wallet/actions'
import { useWalletActions, WalletMenu } from '../../parts/wallet/menu'
import { WalletStatus } from '../../parts/wallet/status'
import { idOf, to, useHashQuery } from '../../routing'
import { useSession } from '../../session/session'
import { usePageShortcut } from '../../shell/page-shortcut'
import { useShell } from '../../shell/shell-context'
import { Customers } from './customers'
import { Json } from './json'
import { Overview } from './overview'
import { UsedBy } from './used-by'
import { Versions } from './versions'

export default function WalletPage() {
  const walletId = idOf(useParams<{ id: string }>().id)
  const wallet = useWallet(walletId)
  const { choose, dialog } = useWalletActions()
  const { showDetails } = useShell()
  const found = wallet.data
  const mayEdit = useSession().may('wallets:write') && found !== undefined && found.status !== 'DELETED'
  usePageShortcut('e', 'Edit the wallet', mayEdit ? to.editWallet(walletId) : undefined)
  return (
    <Page
      title={found?.name ?? walletId}
      path={[{ text: 'Wallets', href: to.wallets() }]}
      description={found && <Identity wallet={found} />}
      actions={
        found && (
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => showDetails({ header: 'Wallet as JSON', content: <Json value={found} /> })}>
              View as JSON
            </Button>
            <WalletMenu wallet={found} onChoose={choose} />
          </SpaceBetween>
        )
      }
    >
      <Read query={wallet}>
        {(read) => (
          <SpaceBetween size="l">
            <ToDo wallet={read} />
            <WalletTabs wallet={read} />
          </SpaceBetween>
        )}
      </Read>
      {dialog}
    </Page>
  )
}

function Identity({ wallet }: { wallet: Wallet }) {
  return (
    <SpaceBetween direction="horizontal" size="m">
      <WalletStatus wallet={wallet} />
      <Copyable text={wallet.walletId} what="wallet's id" />
      <span>
        Version {wallet.version}, saved on <Moment at={wallet.updatedAt} />
      </span>
    </SpaceBetween>
  )
}

/** The activation rules that the settings do not meet, each with the step that corrects it. */
function ToDo({ wallet }: { wallet: Wallet }) {
  const mayWrite = useSession().may('wallets:write')
  if (wallet.status === 'DELETED') {
    return <Alert type="info">The wallet is deleted. It stays readable, and its settings can be copied.</Alert>
  }
  if (wallet.actionRequired.length === 0) return null
  return (
    <Alert type="warning" header="Action required before the wallet can be active">
      <ul>
        {wallet.actionRequired.map((required) => (
          <li key={`${required.field} ${required.code}`}>
            {requiredWords(required)}{' '}
            {mayWrite && (
              <Link href={`#${editStep(wallet.walletId, required.step)}`}>Go to step {stepName(required.step)}</Link>
            )}
          </li>
        ))}
      </ul>
    </Alert>
  )
}

function WalletTabs({ wallet }: { wallet: Wallet }) {
  const [query, change] = useHashQuery()
  const { may } = useSession()
  const tabs: TabsProps.Tab[] = [
    { id: 'overview', label: 'Overview', content: <Overview wallet={wallet} /> },
    ...(may('cards:read') ? [{ id: 'customers', label: 'Customers', content: <Customers wallet={wallet} /> }] : []),
    { id: 'versions', label: 'Versions', content: <Versions wallet={wallet} /> },
    { id: 'used-by', label: `Used by (${wallet.usedBy.length})`, content: <UsedBy wallet={wallet} /> },
  ]
  const active = tabs.find(({ id }) => id === query.tab) ?? tabs[0]
  return (
    <Tabs
      tabs={tabs}
      activeTabId={active?.id}
      onChange={({ detail }) => change({ tab: detail.activeTabId === 'overview' ? undefined : detail.activeTabId })}
    />
  )
}
