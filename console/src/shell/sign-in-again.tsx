import { Modal } from '@cloudscape-design/components'
import { useEffect, useState } from 'react'
import { onRefusal } from '../api/refusals'
import { isRefusalOfKey } from '../api/problems'
import { isKeyRefused } from '../api/session'
import { useKeyChange } from '../session/session'
import { SignInForm } from '../session/sign-in'

/** Signs in over the page when the key is no longer valid, so that nothing typed on the page is lost. */
export function SignInAgain() {
  const changeKey = useKeyChange()
  const [asked, setAsked] = useState(false)
  const [key, setKey] = useState('')
  const [isSent, setSent] = useState(false)
  const [failure, setFailure] = useState<Error | null>(null)
  useEffect(() => onRefusal(() => void isKeyRefused().then((refused) => refused && setAsked(true))), [])

  function close() {
    setAsked(false)
    setKey('')
    setFailure(null)
  }

  async function submit() {
    setSent(true)
    setFailure(null)
    await changeKey(key.trim()).then(close, setFailure)
    setSent(false)
  }

  // It is made when it is asked for, so that it is above any other dialog.
  if (!asked) return null
  return (
    <Modal visible onDismiss={close} header="Sign in again" closeAriaLabel="Close">
      <SignInForm
        keyText={key}
        onKeyText={setKey}
        onSubmit={() => key.trim() && void submit()}
        isSent={isSent}
        refused={failure === null || isRefusalOfKey(failure)}
        failure={failure}
      />
    </Modal>
  )
}
