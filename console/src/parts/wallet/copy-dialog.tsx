import { Box, FormField, Input } from '@cloudscape-design/components'
import { useState } from 'react'
import { Problem } from '../../api/problems'
import { useCopyWallet, type Wallet } from '../../api/wallets'
import { go, to } from '../../routing'
import { useShell } from '../../shell/shell-context'
import { wordsOfProblem } from '../../words/problem'
import { FormDialog } from '../form-dialog'
import { ProblemAlert } from '../problem-alert'

const NAME_MAX = 200

/** Asks for the copy's name, because names are unique. */
export function CopyDialog({ wallet, onClose }: { wallet: Wallet; onClose: () => void }) {
  const [name, setName] = useState(`${wallet.name} (copy)`.slice(0, NAME_MAX))
  const copy = useCopyWallet()
  const { notify } = useShell()
  const taken = copy.error instanceof Problem && copy.error.code === 'wallet_name_taken'

  function submit() {
    copy.mutate(
      { walletId: wallet.walletId, name },
      {
        onSuccess: (created) => {
          onClose()
          notify({ type: 'success', content: `${created.name} is a draft with the settings of ${wallet.name}.` })
          go(to.wallet(created.walletId))
        },
      },
    )
  }

  return (
    <FormDialog
      header={`Copy ${wallet.name}`}
      action="Copy"
      isSent={copy.isPending}
      missing={name.trim() === '' ? 'The copy needs a name.' : undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      <Box>The copy is a draft with the same settings. It has no cards.</Box>
      <FormField label="Name of the copy" errorText={taken && copy.error && wordsOfProblem(copy.error)}>
        <Input
          value={name}
          nativeInputAttributes={{ maxLength: NAME_MAX }}
          onChange={({ detail }) => setName(detail.value)}
        />
      </FormField>
      {copy.error && !taken && <ProblemAlert problem={copy.error} />}
    </FormDialog>
  )
}
