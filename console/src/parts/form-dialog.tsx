import { Button, Form, Modal, SpaceBetween, type ModalProps } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import { useOnline } from '../shell/offline'

interface FormDialogProps {
  header: string
  /** The text of the button that sends the form. */
  action: string
  cancel?: string
  size?: ModalProps.Size
  isSent: boolean
  /** Why the form cannot be sent yet. */
  missing: string | undefined
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}

/** A form in a dialog. Enter sends it as the button does. */
export function FormDialog(props: FormDialogProps) {
  const { header, action, cancel = 'Cancel', size, isSent, missing, onSubmit, onClose, children } = props
  const obstacle = useOnline() ? missing : 'You are offline.'
  return (
    <Modal visible onDismiss={onClose} closeAriaLabel="Close" size={size} header={header}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (obstacle === undefined && !isSent) onSubmit()
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" onClick={onClose}>
                {cancel}
              </Button>
              <Button variant="primary" loading={isSent} disabled={obstacle !== undefined} disabledReason={obstacle}>
                {action}
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">{children}</SpaceBetween>
        </Form>
      </form>
    </Modal>
  )
}
