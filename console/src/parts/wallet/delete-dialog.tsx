import { Alert, Box, Button, Form, FormField, Input, Modal, SpaceBetween } from '@cloudscape-design/components'
import { useState, type FormEvent } from 'react'
import { Problem } from '../../api/problems'
import { useDeleteWallet, useWallet, type Wallet } from '../../api/wallets'
import { useOnline } from '../../shell/offline'
import { useShell } from '../../shell/shell-context'
import { walletDifferences } from '../../words/wallet-differences'
import { ProblemAlert } from '../problem-alert'
import { Differences } from './differences'

/** Deletes the shown version after its name was typed. If there is a newer version, it shows what changed and asks again. */
export function DeleteDialog({ wallet, onClose }: { wallet: Wallet; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const [shown, setShown] = useState(wallet)
  const remove = useDeleteWallet()
  const current = useWallet(wallet.walletId)
  const online = useOnline()
  const { notify } = useShell()
  const changed = remove.error instanceof Problem && remove.error.code === 'precondition_failed'
  const newer = changed && current.data && current.data.version > shown.version ? current.data : null
  const name = (newer ?? shown).name

  function submit(event: FormEvent) {
    event.preventDefault()
    if (typed !== name || remove.isPending) return
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
    <Modal
      visible
      onDismiss={onClose}
      closeAriaLabel="Close"
      size={newer ? 'large' : 'medium'}
      header={`Delete ${name}?`}
    >
      <form onSubmit={submit}>
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" onClick={onClose}>
                {newer ? 'Keep the wallet' : 'Cancel'}
              </Button>
              <Button
                variant="primary"
                loading={remove.isPending}
                disabled={!online || typed !== name}
                disabledReason={online ? 'Type the name of the wallet first.' : 'You are offline.'}
              >
                {newer ? `Delete version ${newer.version}` : 'Delete'}
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">
            <Box>
              Only a wallet without cards can be deleted. The deleted wallet stays readable, and its name can be used
              again. A deleted wallet cannot be restored, but it can be copied.
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
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  )
}
