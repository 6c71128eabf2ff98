import { StatusIndicator } from '@cloudscape-design/components'
import type { Wallet, WalletVersion } from '../../api/wallets'
import { count } from '../../format'
import { walletStatus } from '../../words/en'

const TYPES = { ACTIVE: 'success', DRAFT: 'pending', INACTIVE: 'stopped', DELETED: 'stopped' } as const

/** The status, and how many activation rules a wallet does not meet: "Draft · 2 actions required". */
export function WalletStatus({ wallet }: { wallet: Pick<Wallet | WalletVersion, 'status' | 'actionRequired'> }) {
  const open = wallet.status === 'DELETED' ? 0 : wallet.actionRequired.length
  return (
    <StatusIndicator type={TYPES[wallet.status]}>
      {walletStatus[wallet.status]}
      {open > 0 && ` · ${count(open, 'action')} required`}
    </StatusIndicator>
  )
}
