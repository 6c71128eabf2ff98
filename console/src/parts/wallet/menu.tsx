import { ButtonDropdown } from '@cloudscape-design/components'
import { useState, type ReactNode } from 'react'
import { useActivateWallet, type Wallet } from '../../api/wallets'
import { useSession } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { useShell } from '../../shell/shell-context'
import { wordsOfProblem } from '../../words/problem'
import { walletActions, type WalletAction } from './actions'
import { CopyDialog } from './copy-dialog'
import { DeactivateDialog } from './deactivate-dialog'
import { DeleteDialog } from './delete-dialog'

const DIALOGS = { copy: CopyDialog, deactivate: DeactivateDialog, delete: DeleteDialog } as const

interface WalletActionsState {
  choose: (action: WalletAction, wallet: Wallet) => void
  /** The dialog of the chosen action. The page shows it, because a row disappears when its wallet changes. */
  dialog: ReactNode
}

export function useWalletActions(): WalletActionsState {
  const [asked, setAsked] = useState<{ action: keyof typeof DIALOGS; wallet: Wallet } | null>(null)
  const { notify } = useShell()
  const { mutate: activate } = useActivateWallet()
  const choose = (action: WalletAction, wallet: Wallet) => {
    if (action !== 'activate') return setAsked({ action, wallet })
    activate(wallet, {
      onSuccess: ({ name }) =>
        notify({ type: 'success', content: `${name} is active. Its cards can earn and spend points.` }),
      onError: (problem) =>
        notify({ type: 'error', header: `${wallet.name} was not activated`, content: wordsOfProblem(problem) }),
    })
  }
  const Dialog = asked && DIALOGS[asked.action]
  return { choose, dialog: Dialog && <Dialog wallet={asked.wallet} onClose={() => setAsked(null)} /> }
}

interface WalletMenuProps {
  wallet: Wallet
  onChoose: WalletActionsState['choose']
  /** The menu of a row is an icon. */
  variant?: 'icon' | 'normal'
}

export function WalletMenu({ wallet, onChoose, variant = 'normal' }: WalletMenuProps) {
  const mayWrite = useSession().may('wallets:write')
  const online = useOnline()
  return (
    <ButtonDropdown
      variant={variant}
      // In a row, the table would cut the list off.
      expandToViewport={variant === 'icon'}
      ariaLabel={`Actions for ${wallet.name}`}
      items={walletActions(wallet, { mayWrite, online })}
      onItemClick={({ detail }) => {
        if (detail.href === undefined) onChoose(detail.id as WalletAction, wallet)
      }}
    >
      {variant === 'normal' && 'Actions'}
    </ButtonDropdown>
  )
}
