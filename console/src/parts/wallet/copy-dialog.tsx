import { Box, Button, Form, FormField, Input, Modal, SpaceBetween } from '@cloudscape-design/components'
import { useState, type FormEvent } from 'react'
import { Problem } from '../../api/problems'
import { useCopyWallet, type Wallet } from '../../api/wallets'
import { go, to } from '../../routing'
import { useOnline } from '../../shell/offline'
import { useShell } from '../../shell/shell-context'
import { wordsOfProblem } from '../../words/problem'
import { ProblemAlert } from '../problem-alert'

const NAME_MAX = 200

/** Asks for the copy's name, because names are unique. */
export function CopyDialog({ wallet, onClose }: { wallet: Wallet; onClose: () => void }) {
  const [name, setName] = useState(`${wallet.name} (copy)`.slice(0, NAME_MAX))
  const copy = useCopyWallet()
  const online = useOnline()
  const { notify } = useShell()
  const taken = copy.error instanceof Problem && copy.error.code === 'wallet_name_taken'

  function submit(event: FormEvent) {
    event.preventDefault()
    if (name.trim() === '' || copy.isPending) return
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
    <Modal visible onDismiss={onClose} closeAriaLabel="Close" header={`Copy ${wallet.name}`}>
      <form onSubmit={submit}>
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" onClick={onClose}>
                Cancel
              </Button>
              <Button
                variant="primary"
                loading={copy.isPending}
                disabled={!online || name.trim() === ''}
                disabledReason={online ? 'The copy needs a name.' : 'You are offline.'}
              >
                Copy
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">
            <Box>The copy is a draft with the same settings. It has no cards.</Box>
            <FormField label="Name of the copy" errorText={taken && copy.error && wordsOfProblem(copy.error)}>
              <Input
                value={name}
                nativeInputAttributes={{ maxLength: NAME_MAX }}
                onChange={({ detail }) => setName(detail.value)}
              />
            </FormField>
            {copy.error && !taken && <ProblemAlert problem={copy.error} />}
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  )
}
