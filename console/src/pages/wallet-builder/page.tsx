import { Alert, Box, Button, SpaceBetween } from '@cloudscape-design/components'
import { useState } from 'react'
import { useParams } from 'wouter'
import { useSettingsSchema, useWalletToChange } from '../../api/wallet-builder'
import type { Wallet } from '../../api/wallets'
import { Moment } from '../../parts/moment'
import { Page, Read } from '../../parts/page'
import { idOf, to } from '../../routing'
import { BuilderPage } from './builder'
import { forgetForm, keptForm, type KeptForm } from './kept-form'

/** Creates a wallet, or changes one. */
export default function WalletBuilderPage() {
  const { walletId: encoded } = useParams<{ walletId?: string }>()
  const walletId = encoded === undefined ? undefined : idOf(encoded)
  return <Loaded key={walletId ?? 'new'} walletId={walletId} />
}

function Loaded({ walletId }: { walletId: string | undefined }) {
  const schema = useSettingsSchema()
  const wallet = useWalletToChange(walletId)
  const [kept, setKept] = useState(() => keptForm(walletId))
  const [isChosen, setChosen] = useState(kept === null)
  if (schema.data && (walletId === undefined || wallet.data) && isChosen) {
    return <BuilderPage schema={schema.data} initial={wallet.data ?? null} kept={kept} />
  }
  return (
    <Page
      title={walletId === undefined ? 'Create wallet' : 'Edit wallet'}
      path={[{ text: 'Wallets', href: to.wallets() }]}
    >
      <Read query={schema}>
        {() =>
          walletId === undefined ? (
            <Choice kept={kept} choose={choose} />
          ) : (
            <Read query={wallet}>{(found) => <Choice kept={kept} wallet={found} choose={choose} />}</Read>
          )
        }
      </Read>
    </Page>
  )

  function choose(restored: boolean) {
    if (!restored) {
      forgetForm(walletId)
      setKept(null)
    }
    setChosen(true)
  }
}

interface ChoiceProps {
  kept: KeptForm | null
  wallet?: Wallet
  choose: (restored: boolean) => void
}

/** Asks what becomes of settings that were entered in this tab and not saved. */
function Choice({ kept, wallet, choose }: ChoiceProps) {
  if (!kept) return null
  const name = typeof kept.document.name === 'string' ? kept.document.name : 'a wallet without a name'
  return (
    <Alert
      type="info"
      header="There are settings that were not saved"
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => choose(false)}>Discard</Button>
          <Button variant="primary" onClick={() => choose(true)}>
            Restore
          </Button>
        </SpaceBetween>
      }
    >
      <Box>
        The settings of {name} were entered on <Moment at={kept.at} />.
        {kept.unfinished && ' The wallet was sent, and no answer came. Restore the settings, then save again.'}
        {wallet &&
          wallet.version !== kept.version &&
          ' The wallet was changed meanwhile; both versions are shown next.'}
      </Box>
    </Alert>
  )
}
