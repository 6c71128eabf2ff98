import { CopyToClipboard } from '@cloudscape-design/components'

/** An id that is copied with one click; with `iconOnly`, the id itself is shown elsewhere. */
export function Copyable({ text, what, iconOnly = false }: { text: string; what: string; iconOnly?: boolean }) {
  return (
    <CopyToClipboard
      variant={iconOnly ? 'icon' : 'inline'}
      textToCopy={text}
      copyButtonAriaLabel={`Copy the ${what}`}
      copySuccessText="Copied"
      copyErrorText="Not copied"
    />
  )
}
