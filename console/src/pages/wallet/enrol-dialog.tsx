import { FormField, Input } from '@cloudscape-design/components'
import { useState } from 'react'
import { useEnrolCustomer } from '../../api/wallet-cards'
import type { Wallet } from '../../api/wallets'
import { FormDialog } from '../../parts/form-dialog'
import { ProblemAlert } from '../../parts/problem-alert'
import { go, to } from '../../routing'

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

  function submit() {
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
    <FormDialog
      header={`Enrol a customer in ${wallet.name}`}
      action="Enrol"
      isSent={enrol.isPending}
      missing={customerId === '' ? 'Enter the customer id first.' : undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      <FormField
        label="Customer ID"
        description="A pseudonym, because the id is never erased: no name and no email address."
      >
        <Input value={customerId} autoComplete={false} onChange={({ detail }) => setCustomerId(detail.value.trim())} />
      </FormField>
      <FormField label="Code" description="Without a code, the wallet's settings generate one.">
        <Input value={code} autoComplete={false} onChange={({ detail }) => setCode(detail.value.trim())} />
      </FormField>
      {enrol.error && <ProblemAlert problem={enrol.error} />}
    </FormDialog>
  )
}
