import { Box, Button, SpaceBetween } from '@cloudscape-design/components'
import { useQueryClient } from '@tanstack/react-query'
import { useOnline } from '../../shell/offline'
import { count, formatTime } from '../../format'
import { go, to } from '../../routing'
import { useSession } from '../../session/session'
import { useShell } from '../../shell/shell-context'
import { nameOfStep, type StepId } from './steps'
import type { Builder } from './use-builder'

interface ActionsProps {
  builder: Builder
  step: StepId
  goToField: (path: string) => void
  goToSummary: () => void
}

/** Saves the wallet as a draft at any time, and as active once its settings meet all rules. */
export function Actions({ builder, step, goToField, goToSummary }: ActionsProps) {
  const { wallet, problems, isSaving, isChanged } = builder
  const queries = useQueryClient()
  const { notify } = useShell()
  const { may, project } = useSession()
  const isOnline = useOnline()
  const status = wallet?.status ?? 'DRAFT'
  const obstacle = obstacleOf()

  async function send(activate: boolean) {
    const misshapen = problems.find(({ isShape }) => isShape)
    if (misshapen) return goToField(misshapen.path)
    const saved = await builder.send(activate)
    if (saved.is === 'refused') return goToSummary()
    if (saved.is !== 'saved') return
    const { walletId, name } = saved.wallet
    if (saved.wallet.status === 'DRAFT' || !(activate || wallet)) {
      queries.setQueryData(['wallet-to-change', walletId], saved.wallet)
      notify({ type: 'success', content: `${name} is saved as a draft.` })
      return go(to.editWallet(walletId, step), { replace: true })
    }
    notify({ type: 'success', content: activate ? `${name} is active.` : `${name} is saved.` })
    go(to.wallet(walletId))
  }

  function obstacleOf(): string | undefined {
    if (!may('wallets:write')) return 'Your key does not have the scope wallets:write.'
    if (!isOnline) return 'You are offline.'
    if (builder.conflict) return 'Choose between the two versions first.'
    return undefined
  }

  const required =
    problems.length > 0 ? `${count(problems.length, 'action')} required: see ${nameOfStep('summary')}.` : ''
  const unready = obstacle ?? (required || undefined)
  const unchanged = wallet && !isChanged ? 'There are no changes to save.' : undefined
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      {wallet && (
        <Box variant="small" color="text-body-secondary">
          {status === 'DRAFT' ? 'Draft saved' : 'Saved'} at {formatTime(wallet.updatedAt, project.timeZone)}
          {isChanged && ', changed since'}
        </Box>
      )}
      <Button href={`#${wallet ? to.wallet(wallet.walletId) : to.wallets()}`} variant="link">
        Cancel
      </Button>
      {status === 'DRAFT' && (
        <Button
          onClick={() => void send(false)}
          disabled={(obstacle ?? unchanged) !== undefined}
          disabledReason={obstacle ?? unchanged}
          loading={isSaving}
        >
          Save draft
        </Button>
      )}
      {status !== 'DRAFT' && (
        <Button
          variant={status === 'ACTIVE' ? 'primary' : 'normal'}
          onClick={() => void send(false)}
          disabled={(unready ?? unchanged) !== undefined}
          disabledReason={unready ?? unchanged}
          loading={isSaving}
        >
          Save
        </Button>
      )}
      {status !== 'ACTIVE' && (
        <Button
          variant="primary"
          onClick={() => void send(true)}
          disabled={unready !== undefined}
          disabledReason={unready}
          loading={isSaving}
        >
          Save and activate
        </Button>
      )}
    </SpaceBetween>
  )
}
