import { CopyToClipboard } from '@cloudscape-design/components'

/** An id that is copied with one click. */
export function Copyable({ text, what }: { text: string; what: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={`Copy the ${what}`}
      copySuccessText="Copied"
      copyErrorText="Not copied"
    />
  )
}
