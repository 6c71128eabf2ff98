import type { ButtonDropdownProps } from '@cloudscape-design/components'
import type { Wallet } from '../../api/wallets'
import { to } from '../../routing'
import { count } from '../../format'
import { settingsInWords } from '../../words/in-words'
import { labelOf, stepNames, type StepName } from '../../words/wallet-settings'

export type WalletAction = 'activate' | 'deactivate' | 'copy' | 'delete'

interface Circumstances {
  mayWrite: boolean
  online: boolean
}

/** The actions of a wallet's menu. An action that its state forbids has the reason. */
export function walletActions(wallet: Wallet, { mayWrite, online }: Circumstances): ButtonDropdownProps.Item[] {
  const versions = { id: 'versions', text: 'Versions', href: `#${to.wallet(wallet.walletId, 'versions')}` }
  if (!mayWrite) return [versions]
  const act = (id: WalletAction, text: string, reason?: string): ButtonDropdownProps.Item =>
    disabledFor(online ? reason : 'You are offline.', { id, text })
  const copy = act('copy', 'Copy')
  if (wallet.status === 'DELETED') return [copy, versions]
  const edit = { id: 'edit', text: 'Edit', href: `#${to.editWallet(wallet.walletId)}` }
  return [...statusActions(wallet, act), edit, copy, versions, act('delete', 'Delete', whyNotDeleted(wallet))]
}

function statusActions(
  wallet: Wallet,
  act: (id: WalletAction, text: string, reason?: string) => ButtonDropdownProps.Item,
): ButtonDropdownProps.Item[] {
  if (wallet.status === 'ACTIVE') return [act('deactivate', 'Deactivate')]
  const [open] = wallet.actionRequired
  if (!open) return [act('activate', 'Activate')]
  return [
    act('activate', 'Activate', requiredWords(open)),
    { id: 'step', text: `Go to step ${stepName(open.step)}`, href: `#${editStep(wallet.walletId, open.step)}` },
  ]
}

/** Why the wallet cannot be deleted now. Whether it has cards is found out by the request. */
export function whyNotDeleted({ status, usedBy }: Wallet): string | undefined {
  if (status === 'ACTIVE') return 'Deactivate the wallet first.'
  if (usedBy.length === 0) return undefined
  const users = count(usedBy.length, 'campaign, program or reward uses', 'campaigns, programs or rewards use')
  return `${users} the wallet.`
}

/** What to correct: the setting, and the rule with the labels of the settings that it names. */
export function requiredWords({ message, field }: Wallet['actionRequired'][number]): string {
  return `${labelOf(field)}: ${settingsInWords(message, field)}`
}

/** The location of a step in the builder, which shows the notices beside the expiration. */
export function editStep(walletId: string, step: string): string {
  return to.editWallet(walletId, step === 'notices' ? 'expiration' : step)
}

export function stepName(step: string): string {
  return stepNames[step as StepName] ?? step
}

function disabledFor(reason: string | undefined, item: ButtonDropdownProps.Item): ButtonDropdownProps.Item {
  return reason === undefined ? item : { ...item, disabled: true, disabledReason: reason }
}
