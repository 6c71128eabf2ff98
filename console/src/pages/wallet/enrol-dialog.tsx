import { Button, Form, FormField, Input, Modal, SpaceBetween } from '@cloudscape-design/components'
import { useState, type FormEvent } from 'react'
import { useEnrolCustomer } from '../../api/wallet-cards'
import type { Wallet } from '../../api/wallets'
import { ProblemAlert } from '../../parts/problem-alert'
import { go, to } from '../../routing'
import { useOnline } from '../../shell/offline'

interface EnrolDialogProps {
  wallet: Wallet
  /** The id that the field shows first. */
  customerId?: string
  onClose: () => void
}

/** Creates the customer's card and opens it; a customer who has a card keeps it. */
export function EnrolDialog({ wallet, customerId: initial = '', onClose }: EnrolDialogProps) {
  const [customerId, setCustomerId] = useState(initial)
  const [code, setCode] = useState('')
  const enrol = useEnrolCustomer(wallet.walletId)
  const online = useOnline()

  function submit(event: FormEvent) {
    event.preventDefault()
    if (customerId === '' || enrol.isPending) return
    enrol.mutate(
      { customerId, code: code || undefined },
      {
        onSuccess: () => {
          onClose()
          go(to.customer(customerId, wallet.walletId))
        },
      },
    )
  }

  return (
    <Modal visible onDismiss={onClose} closeAriaLabel="Close" header={`Enrol a customer in ${wallet.name}`}>
      <form onSubmit={submit}>
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" onClick={onClose}>
                Cancel
              </Button>
              <Button
                variant="primary"
                loading={enrol.isPending}
                disabled={!online || customerId === ''}
                disabledReason={online ? 'Enter the customer id first.' : 'You are offline.'}
              >
                Enrol
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">
            <FormField
              label="Customer ID"
              description="A pseudonym, because the id is never erased: no name and no mail address."
            >
              <Input
                value={customerId}
                autoComplete={false}
                onChange={({ detail }) => setCustomerId(detail.value.trim())}
              />
            </FormField>
            <FormField label="Code" description="Without a code, the wallet's settings generate one.">
              <Input value={code} autoComplete={false} onChange={({ detail }) => setCode(detail.value.trim())} />
            </FormField>
            {enrol.error && <ProblemAlert problem={enrol.error} />}
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  )
}
