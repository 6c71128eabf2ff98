import { Alert, Box, FormField, Input } from '@cloudscape-design/components'
import { useState } from 'react'
import { Problem } from '../../api/problems'
import { useDeleteWallet, useWallet, type Wallet } from '../../api/wallets'
import { useShell } from '../../shell/shell-context'
import { walletDifferences } from '../../words/wallet-differences'
import { FormDialog } from '../form-dialog'
import { ProblemAlert } from '../problem-alert'
import { Differences } from './differences'

/** Deletes the shown version after its name was typed. If there is a newer version, it shows what changed and asks again. */
export function DeleteDialog({ wallet, onClose }: { wallet: Wallet; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const [shown, setShown] = useState(wallet)
  const remove = useDeleteWallet()
  const current = useWallet(wallet.walletId)
  const { notify } = useShell()
  const changed = remove.error instanceof Problem && remove.error.code === 'precondition_failed'
  const newer = changed && current.data && current.data.version > shown.version ? current.data : null
  const name = (newer ?? shown).name

  function submit() {
    const judged = newer ?? shown
    setShown(judged)
    remove.mutate(judged, {
      onSuccess: () => {
        onClose()
        notify({ type: 'success', content: `${name} is deleted.` })
      },
      onError: () => void current.refetch(),
    })
  }

  return (
    <FormDialog
      header={`Delete ${name}?`}
      action={newer ? `Delete version ${newer.version}` : 'Delete'}
      cancel={newer ? 'Keep the wallet' : 'Cancel'}
      size={newer ? 'large' : 'medium'}
      isSent={remove.isPending}
      missing={typed === name ? undefined : 'Type the name of the wallet first.'}
      onSubmit={submit}
      onClose={onClose}
    >
      <Box>
        Only a wallet without cards can be deleted. The deleted wallet stays readable, and its name can be used again. A
        deleted wallet cannot be restored, but it can be copied.
      </Box>
      {newer && (
        <Alert type="warning" header="The wallet was changed meanwhile">
          <Differences
            differences={walletDifferences(shown, newer)}
            before={`Version ${shown.version}, which you saw`}
            after={`Version ${newer.version}`}
          />
        </Alert>
      )}
      {remove.error && !newer && <ProblemAlert problem={remove.error} />}
      <FormField label={`Type ${name} to confirm`}>
        <Input value={typed} autoComplete={false} onChange={({ detail }) => setTyped(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
