import { Button, Alert } from '@cloudscape-design/components'
import { Component, type ReactNode } from 'react'
import { Page } from '../parts/page'
import { useOnline } from './offline'

interface BoundaryProps {
  /** The content is tried again when this changes. */
  of: string
  onFailure?: (failure: Error) => void
  instead: ReactNode
  children: ReactNode
}

/** Keeps a failure inside its content: an error, or a file that cannot be loaded, such as after an update. */
export class Boundary extends Component<BoundaryProps, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch(failure: Error) {
    this.props.onFailure?.(failure)
  }

  override componentDidUpdate({ of }: BoundaryProps) {
    if (of !== this.props.of && this.state.failed) this.setState({ failed: false })
  }

  override render() {
    return this.state.failed ? this.props.instead : this.props.children
  }
}

export function FailedPage() {
  const online = useOnline()
  return (
    <Page title="This page cannot be shown">
      <Alert
        type="error"
        action={
          <Button
            disabled={!online}
            disabledReason="You are offline."
            onClick={() => {
              window.location.reload()
            }}
          >
            Load again
          </Button>
        }
      >
        A file of the page could not be loaded, or the page has an error. Load the page again. If this does not help,
        ask the operator.
      </Alert>
    </Page>
  )
}
