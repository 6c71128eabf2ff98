import { Box, CopyToClipboard, SpaceBetween } from '@cloudscape-design/components'

/** A document as the API answers it. */
export function Json({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2)
  return (
    <SpaceBetween size="s">
      <CopyToClipboard
        textToCopy={text}
        copyButtonText="Copy"
        copyButtonAriaLabel="Copy the JSON"
        copySuccessText="Copied"
        copyErrorText="Not copied"
      />
      <Box variant="code">
        <pre className="json">{text}</pre>
      </Box>
    </SpaceBetween>
  )
}
